import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { migrate } from '../../../db/deployment/migrate.ts'
import { ensureNamespace } from '../../../dev/stack/temporal/namespace.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { isHashOut } from '../world/hash-out.ts'
import type { World } from '../world/world.ts'
import { momentary } from './fault.ts'

/** Longest wait for a moment at which no hash of ours is out, ms: several rounds of hash and proof. */
const PATIENCE_MS = 60_000

const LOOK_EVERY_MS = 300

/**
 * Everything that Temporal knew is gone. The operator makes the namespace anew and has stopped the processes before, or
 * thinks of nothing else.
 */
export const temporalEmptied = momentary(
  {
    name: 'temporal-emptied',
    what: 'its database is deleted, with all processes down or at work',
    needs: ['other-stores'],
  },
  async (world, { victim }, hit) => {
    const empty = () => emptyTemporal(world)
    await (victim % 2 === 0 ? whileDown(world, empty) : world.serverLock.during(empty))
    hit()
  },
)

/**
 * Every row is gone. The operator brings the tables back and starts the processes again; logins are the server's and
 * stay.
 */
export const postgresEmptied = momentary(
  {
    name: 'postgres-emptied',
    what: 'every row is deleted, and the processes are started again',
    needs: ['other-stores'],
  },
  async (world, _, hit) => {
    await whileDown(world, () => emptyPostgres(world))
    hit()
  },
)

/** Both together, which is allowed while no hash of ours is out. The archive is another store and stays. */
export const storesEmptied = momentary(
  {
    name: 'stores-emptied',
    what: 'both databases are emptied while no hash of ours is out (read from the chain); the archive stays',
  },
  async (world, _, hit) => {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await delay(LOOK_EVERY_MS)) {
      if (await isOut(world)) continue
      if (await whileDown(world, () => emptyBothUnlessOut(world))) return hit()
      world.timeline.note('a hash was out when all processes were down')
    }
    world.timeline.note('a hash was out all the time: the stores stay as they are')
  },
)

/** Tells whether a hash is out. Who can't look doesn't empty anything. */
const isOut = (world: World): Promise<boolean> => isHashOut(world).catch(() => true)

/** Empties both stores unless a hash is out. @returns whether it did. */
async function emptyBothUnlessOut(world: World): Promise<boolean> {
  if (await isOut(world)) return false
  await emptyPostgres(world)
  await emptyTemporal(world)
  world.timeline.note('both stores were emptied, no hash of ours was out')
  return true
}

async function emptyTemporal({ stack: { dataDir, temporal } }: World): Promise<void> {
  await temporal.kill('SIGKILL')
  const folder = join(dataDir, 'temporal')
  const files = await readdir(folder)
  await Promise.all(files.filter((name) => name.startsWith('temporal.sqlite')).map((name) => rm(join(folder, name))))
  await temporal.start()
  const { address, namespace } = temporal
  await ensureNamespace({ address, namespace, searchAttributes: searchAttributeTypes })
}

async function emptyPostgres({ sql, stack, rememberDatabase }: World): Promise<void> {
  await stack.postgres.start()
  // Each connection gets a statement, because those of a server that died fail once.
  await Promise.allSettled([sql`select 1`, sql`select 1`])
  await rememberDatabase()
  await sql`drop schema zkpow cascade`
  await sql`drop schema zkpow_migrations cascade`
  await migrate(stack.postgresUrl)
}

/** Acts while all processes are down, and nobody else is at the chain or the servers. */
async function whileDown<T>({ aggregator, provers, chainLock, serverLock }: World, act: () => Promise<T>): Promise<T> {
  return chainLock.during(() =>
    serverLock.during(async () => {
      const ups = await Promise.all([aggregator, ...provers].map((process) => process.takeDown()))
      return act().finally(() => {
        for (const up of ups) up()
      })
    }),
  )
}
