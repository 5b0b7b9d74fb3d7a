import postgres from 'postgres'
import { untilDone } from '../until-done.ts'
import type { World } from '../world.ts'
import type { ChaosFault } from './fault.ts'

/** What Postgres says when no connection is left. */
const TOO_MANY_CONNECTIONS = '53300'

/** Far above what the server allows. */
const MOST_CONNECTIONS = 1_000

/** Somebody takes every connection that the server has, those of ours included. The server is left alone meanwhile. */
export const postgresCrowded: ChaosFault = {
  name: 'postgres-crowded',
  inject: async (world) => {
    // Asks for array types, as by default: else the driver opens a connection to be reserved and never gives it to anybody.
    const crowd = postgres(world.stack.postgresUrl, {
      ...{ max: MOST_CONNECTIONS, onnotice: () => {}, backoff: false },
      connection: { application_name: 'crowd' },
    })
    const release = await lockWhenUp(world, crowd)
    const leave = async () => {
      await crowd.end({ timeout: 0 })
      release()
    }
    try {
      world.timeline.note(`${await takeAll(crowd)} connections are taken`)
    } catch (error) {
      await leave()
      throw error
    }
    return leave
  },
}

/** The lock of the servers, at a moment at which Postgres answers: whoever starts it again needs the lock, too. */
async function lockWhenUp({ serverLock }: World, crowd: postgres.Sql): Promise<() => void> {
  return untilDone(async () => {
    const release = await serverLock.hold()
    return crowd`select 1`.then(
      () => release,
      (error) => {
        release()
        throw error
      },
    )
  })
}

/** Who has just been sent away comes back, until no connection is left for anybody. */
async function takeAll(crowd: postgres.Sql): Promise<number> {
  const first = await crowd.reserve()
  for (let taken = 1; ; ) {
    taken += await takeFree(crowd)
    const others = await first`
      select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and application_name not in ('crowd', 'chaos')`
    if (others.length === 0) return taken
  }
}

async function takeFree(crowd: postgres.Sql): Promise<number> {
  for (let taken = 0; ; taken++) {
    try {
      await crowd.reserve()
    } catch (error) {
      if ((error as { code?: unknown }).code === TOO_MANY_CONNECTIONS) return taken
      throw error
    }
  }
}
