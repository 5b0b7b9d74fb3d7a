import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { migrate } from '../../../db/migrate.ts'
import { ensureNamespace } from '../../../dev/stack/temporal-namespace.ts'
import { searchAttributeTypes } from '../../../protocol/search-attributes.ts'
import type { World } from '../world.ts'
import { momentary } from './fault.ts'

/** Everything that Temporal knew is gone. The operator makes the namespace anew and starts the processes again. */
export const temporalEmptied = momentary('temporal-emptied', (world) =>
  whileDown(world, async () => {
    const { dataDir, temporal } = world.stack
    await temporal.kill('SIGKILL')
    const folder = join(dataDir, 'temporal')
    const files = await readdir(folder)
    await Promise.all(files.filter((name) => name.startsWith('temporal.sqlite')).map((name) => rm(join(folder, name))))
    await temporal.start()
    const { address, namespace } = temporal
    await ensureNamespace({ address, namespace, searchAttributes: searchAttributeTypes })
  }),
)

/** Every row is gone. The operator brings the tables back and starts the processes again; logins are the server's and stay. */
export const postgresEmptied = momentary('postgres-emptied', (world) =>
  whileDown(world, async () => {
    const { sql, stack } = world
    await stack.postgres.start()
    await Promise.allSettled([sql`select 1`, sql`select 1`]) // one for each connection: those of a server that died fail once
    await world.rememberDatabase()
    await sql`drop schema zkpow cascade`
    await sql`drop schema zkpow_migrations cascade`
    await migrate(stack.postgresUrl)
  }),
)

/** With all processes down, and nobody else at the chain or the servers. */
async function whileDown({ aggregator, provers, chainLock, serverLock }: World, act: () => Promise<void>): Promise<void> {
  await chainLock.during(() =>
    serverLock.during(async () => {
      const ups = await Promise.all([aggregator, ...provers].map((process) => process.takeDown()))
      await act().finally(() => {
        for (const up of ups) up()
      })
    }),
  )
}
