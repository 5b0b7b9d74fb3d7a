import type { Db } from '../../db/connection/connect.ts'
import { assertMigrated } from '../../db/deployment/migrate.ts'
import { listOpenBytes, OPEN_BYTES_LIMIT } from '../../db/proofs/uploads.ts'
import { formatBytes } from '../../protocol/base/units.ts'
import type { Warning } from './check-rollup.ts'

/** An honest prover's uploads are accepted within seconds while an aggregator runs. */
const SUSPECT_BYTES = OPEN_BYTES_LIMIT / 2

/**
 * Tells whether the database is migrated, and what the logins of provers have uploaded that isn't accepted.
 * @throws DatabaseSchemaError and what connecting throws.
 */
export async function checkDatabase(db: Db): Promise<string | Warning> {
  await assertMigrated(db)
  const open = await listOpenBytes(db)
  if (open.length === 0) return 'reachable and migrated'
  const list = open
    .map(({ login, bytes, uploads }) => `${uploads} of login ${login} (${formatBytes(bytes)})`)
    .join(', ')
  const found = `reachable and migrated; uploads that aren't accepted: ${list}`
  const suspects = open.filter(({ bytes }) => bytes >= SUSPECT_BYTES).map(({ login }) => login)
  return suspects.length === 0 ? found : { warning: `${found}. ${adviceOn(suspects)}` }
}

const adviceOn = (suspects: string[]): string =>
  `With ${formatBytes(OPEN_BYTES_LIMIT)} a login can upload nothing more. If an aggregator runs, ${suspects.join(', ')} uploads what is no proof: \`alter role <login> nologin\`, and \`delete from zkpow.proof_uploads where login = '<login>' and bytes is not null\``
