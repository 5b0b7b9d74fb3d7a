import type { Db } from '../../db/connection/connect.ts'
import { type ConnectionRoom, readConnectionRoom } from '../../db/connection/connection-room.ts'
import { assertMigrated } from '../../db/deployment/migrate.ts'
import { listOpenBytes, OPEN_BYTES_LIMIT } from '../../db/proofs/uploads.ts'
import { formatBytes } from '../../protocol/base/units.ts'
import type { Warning } from './check-rollup.ts'

/** An honest prover's uploads are accepted within seconds while an aggregator runs. */
const SUSPECT_BYTES = OPEN_BYTES_LIMIT / 2

/**
 * Tells whether the database is migrated, what the logins of provers have uploaded that isn't accepted, and whether
 * Postgres has as many connections as the aggregator may open.
 * @throws DatabaseSchemaError and what connecting throws.
 */
export async function checkDatabase(db: Db, { poolSize }: { poolSize: number }): Promise<string | Warning> {
  await assertMigrated(db)
  const open = await listOpenBytes(db)
  const list = open
    .map(({ login, bytes, uploads }) => `${uploads} of login ${login} (${formatBytes(bytes)})`)
    .join(', ')
  const found = `reachable and migrated${list === '' ? '' : `; uploads that aren't accepted: ${list}`}`
  const suspects = open.filter(({ bytes }) => bytes >= SUSPECT_BYTES).map(({ login }) => login)
  const advice = [
    ...(suspects.length === 0 ? [] : [adviceOn(suspects)]),
    ...adviceOnRoom(await readConnectionRoom(db), poolSize),
  ]
  return advice.length === 0 ? found : { warning: [found, ...advice].join('. ') }
}

const adviceOn = (suspects: string[]): string =>
  `With ${formatBytes(OPEN_BYTES_LIMIT)} a login can upload nothing more. If an aggregator runs, ${suspects.join(', ')} uploads what is no proof: \`alter role <login> nologin\`, and \`delete from zkpow.proof_uploads where login = '<login>' and bytes is not null\``

/** Says what keeps the aggregator from as many connections as it may open: it would fail under load, and not before. */
function adviceOnRoom(
  { left, ofOthers, maxConnections, reserved, ofLogin, ofDatabase }: ConnectionRoom,
  poolSize: number,
) {
  const limits = [
    {
      most: left,
      why: `of max_connections (${maxConnections}) ${reserved} are reserved and ${ofOthers} used by other logins`,
      remedy: `raise max_connections by ${poolSize - left} at least`,
    },
    { most: ofLogin, why: 'the login may have no more', remedy: '`alter role <login> connection limit -1`' },
    {
      most: ofDatabase,
      why: 'the database may have no more',
      remedy: '`alter database <database> connection limit -1`',
    },
  ]
  return limits.flatMap(({ most, why, remedy }) =>
    most === null || most >= poolSize
      ? []
      : [
          `database.poolSize is ${poolSize}, and Postgres has ${Math.max(0, most)} connections for it: ${why}. Lower poolSize, or ${remedy}`,
        ],
  )
}
