import { createHash } from 'node:crypto'
import { readMigrationFiles } from 'drizzle-orm/migrator'

/** A migration as a database knows it. */
interface MigrationFile {
  /** sha256 of its text with the line ends of the repository, whatever a checkout made of them. */
  hash: string
  /** What Drizzle notes for it: sha256 of the file as it is checked out here. */
  hashHere: string
  /** What a database may hold for it: also what another checkout, of `core.autocrlf`, noted before there was a rule for that. */
  hashes: string[]
}

/** All migrations of a folder, oldest first. */
export const migrationFiles = (migrationsFolder: string): MigrationFile[] =>
  readMigrationFiles({ migrationsFolder }).map(({ hash: hashHere, sql }) => {
    const text = sql.join('--> statement-breakpoint').replaceAll('\r\n', '\n')
    const hash = sha256(text)
    return { hash, hashHere, hashes: [hash, sha256(text.replaceAll('\n', '\r\n'))] }
  })

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
