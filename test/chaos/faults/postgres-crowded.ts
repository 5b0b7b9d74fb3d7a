import postgres from 'postgres'
import { untilDone } from '../world/until-done.ts'
import type { World } from '../world/world.ts'
import { LONG_MS, lasting } from './fault.ts'

/** What Postgres says when no connection is left. */
const TOO_MANY_CONNECTIONS = '53300'

/** Somebody takes every connection that the server has, those of ours included. The server is left alone meanwhile. */
export const postgresCrowded = lasting(
  {
    name: 'postgres-crowded',
    what: 'somebody takes every connection of Postgres, those of ours included (53300)',
    lastsMs: LONG_MS,
  },
  async (world, _, hit) => {
    const { first, release } = await enterWhenUp(world)
    const crowd: [postgres.Sql, ...postgres.Sql[]] = [first]
    const leave = async () => {
      await Promise.all(crowd.map((one) => one.end({ timeout: 0 })))
      release()
    }
    try {
      await takeAll(world, crowd)
      hit()
      world.timeline.note(`${crowd.length} connections are taken`)
    } catch (error) {
      await leave()
      throw error
    }
    return leave
  },
)

/** Takes the lock of the servers at a moment at which Postgres answers: whoever starts it again needs the lock, too. */
async function enterWhenUp(world: World): Promise<{ first: postgres.Sql; release: () => void }> {
  return untilDone(async () => {
    const release = await world.serverLock.hold()
    try {
      return { first: await enter(world), release }
    } catch (error) {
      release()
      throw error
    }
  })
}

/**
 * Takes one connection and keeps it. Each has a client of its own: a pool of this driver's can open one and never give
 * it to anybody.
 */
async function enter({ stack }: World): Promise<postgres.Sql> {
  const one = postgres(stack.postgresUrl, {
    ...{ max: 1, onnotice: () => {}, backoff: false, fetch_types: false },
    connection: { application_name: 'crowd' },
  })
  try {
    await one`select 1`
    return one
  } catch (error) {
    await one.end({ timeout: 0 })
    throw error
  }
}

/** Takes connections until none is left for anybody: whoever has just been sent away comes back. */
async function takeAll(world: World, crowd: [postgres.Sql, ...postgres.Sql[]]): Promise<void> {
  for (;;) {
    await takeFree(world, crowd)
    const others = await crowd[0]`
      select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and application_name not in ('crowd', 'chaos')`
    if (others.length === 0) return
  }
}

async function takeFree(world: World, crowd: postgres.Sql[]): Promise<void> {
  for (;;) {
    try {
      crowd.push(await enter(world))
    } catch (error) {
      if ((error as { code?: unknown }).code === TOO_MANY_CONNECTIONS) return
      throw error
    }
  }
}
