import { createHash } from 'node:crypto'
import { readMigrationFiles } from 'drizzle-orm/migrator'

const BREAKPOINT = '--> statement-breakpoint'

/** A migration as a database knows it. */
interface MigrationFile {
  statements: string[]
  /** When it was made, ms since the epoch. */
  madeAt: number
  /** sha256 of its text with the line ends of the repository, whatever a checkout made of them. */
  hash: string
  /** What a database may hold for it: also what a checkout with CRLF noted before there was a rule for that. */
  hashes: string[]
}

/** Lists all migrations of a folder, oldest first. */
export const migrationFiles = (migrationsFolder: string): MigrationFile[] =>
  readMigrationFiles({ migrationsFolder }).map(({ sql, folderMillis }) => {
    const text = sql.join(BREAKPOINT).replaceAll('\r\n', '\n')
    const hash = sha256(text)
    return {
      statements: text.split(BREAKPOINT),
      madeAt: folderMillis,
      hash,
      hashes: [hash, sha256(text.replaceAll('\n', '\r\n'))],
    }
  })

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
