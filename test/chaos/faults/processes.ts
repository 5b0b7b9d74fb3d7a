import { startAggregator } from '../../../dev/deployment/processes.ts'
import type { StackPart } from '../../../dev/stack/part.ts'
import { UNSUBMITTED } from '../plans/milestones.ts'
import { askWorkflows } from '../world/ask-workflows.ts'
import type { Supervised } from '../world/supervised.ts'
import type { World } from '../world/world.ts'
import { anvilKilled } from './chain.ts'
import { type AboutFault, type ChaosFault, LONG_MS, lasting, momentary, type Strike } from './fault.ts'

type Victim = (world: World, strike: Strike) => Supervised
type Server = (world: World) => StackPart

const proverOf: Victim = ({ provers }, { victim }) => {
  const prover = provers[victim % provers.length]
  if (prover === undefined) throw new Error('unreachable: a plan has a prover')
  return prover
}

const takesTheOnlyProver: AboutFault['takes'] = ({ provers }) => (provers.length === 1 ? 'provers' : null)

/** Kills a process, which its supervisor starts again. */
const ended = <Name extends string>(about: AboutFault<Name>, victim: Victim): ChaosFault<Name> =>
  momentary(about, async (world, strike, hit) => {
    victim(world, strike).signal('SIGKILL')
    hit()
  })

/**
 * Suspends a process, as a machine that pauses. When it wakes it goes on with what it did, whoever has taken over
 * meanwhile.
 */
const suspended = <Name extends string>(about: AboutFault<Name>, victim: Victim): ChaosFault<Name> =>
  lasting(about, async (world, strike, hit) => {
    victim(world, strike).signal('SIGSTOP')
    hit()
    return () => victim(world, strike).signal('SIGCONT')
  })

const serverSuspended = <Name extends string>(about: AboutFault<Name>, server: Server): ChaosFault<Name> =>
  lasting({ lastsMs: LONG_MS, ...about }, async (world, _, hit) => {
    await world.serverLock.during(() => server(world).kill('SIGSTOP'))
    hit()
    // It goes without the lock, whose holder may be waiting for this very server.
    return () => server(world).kill('SIGCONT')
  })

const serverKilled = <Name extends string>(about: AboutFault<Name>, server: Server): ChaosFault<Name> =>
  momentary(about, (world, _, hit) =>
    world.serverLock.during(async () => {
      await server(world).kill('SIGKILL')
      hit()
      await server(world).start()
    }),
  )

export const aggregatorKilled = ended(
  { name: 'aggregator-killed', what: 'SIGKILL, and its supervisor starts it again' },
  ({ aggregator }) => aggregator,
)
export const aggregatorHangs = suspended(
  { name: 'aggregator-hangs', what: 'it is suspended past its heartbeats', lastsMs: LONG_MS },
  ({ aggregator }) => aggregator,
)
export const proverKilled = ended(
  { name: 'prover-killed', what: 'SIGKILL, and its supervisor starts it again', harmsAt: UNSUBMITTED },
  proverOf,
)
export const proverHangs = suspended(
  {
    name: 'prover-hangs',
    what: 'it is suspended past its heartbeats, so that another one makes what it goes on making later',
    lastsMs: { min: 32_000, max: 45_000 }, // heartbeats are missed after 30 s
    harmsAt: ['proving'],
    takes: takesTheOnlyProver,
  },
  proverOf,
)
export const temporalKilled = serverKilled(
  { name: 'temporal-killed', what: 'SIGKILL, and it is started again' },
  ({ stack }) => stack.temporal,
)
export const temporalHangs = serverSuspended(
  { name: 'temporal-hangs', what: 'it is suspended' },
  ({ stack }) => stack.temporal,
)
export const postgresKilled = serverKilled(
  { name: 'postgres-killed', what: 'SIGKILL, and it is started again' },
  ({ stack }) => stack.postgres,
)
export const postgresHangs = serverSuspended(
  { name: 'postgres-hangs', what: 'it is suspended' },
  ({ stack }) => stack.postgres,
)
export const postgresGone = lasting(
  { name: 'postgres-gone', what: 'it is away for a while', lastsMs: LONG_MS },
  async ({ stack, serverLock }, _, hit) => {
    await serverLock.during(() => stack.postgres.kill('SIGKILL'))
    hit()
    return () => serverLock.during(() => stack.postgres.start())
  },
)

/**
 * Suspended past the time-outs of its workflow tasks, while operators ask: it wakes to questions and to tasks that it
 * no longer has.
 */
export const aggregatorHangsAsked = lasting(
  {
    name: 'aggregator-hangs-asked',
    what: 'it is suspended while its workflows are asked by Query, Update and signal',
    drawnFrom: 10_000,
    lastsMs: { min: 35_000, max: 55_000 },
    takes: () => 'aggregator',
  },
  async (world, _, hit) => {
    world.aggregator.signal('SIGSTOP')
    const stopAsking = askWorkflows(world, hit)
    return () => {
      stopAsking()
      world.aggregator.signal('SIGCONT')
    }
  },
)

export const aggregatorGone = lasting(
  { name: 'aggregator-gone', what: 'it is down for a while', lastsMs: LONG_MS },
  async ({ aggregator }, _, hit) => {
    const up = await aggregator.takeDown()
    hit()
    return up
  },
)

/** Somebody starts a second one with the same configuration and key; it ends without a word. */
export const aggregatorTwice = lasting(
  { name: 'aggregator-twice', what: 'a second one with the same configuration and key runs beside it' },
  async ({ deployment }, _, hit) => {
    const second = await startAggregator(deployment.settings)
    hit()
    return () => second.kill('SIGKILL')
  },
)

export const allKilled = lasting(
  {
    name: 'all-killed',
    what: 'aggregator, provers, Temporal, Postgres and the node at once, as when a machine loses power',
    takes: () => 'endpoints',
  },
  async (world, planned, hit) => {
    const { aggregator, provers, stack, serverLock } = world
    const servers = [stack.temporal, stack.postgres]
    const nodeBack = await anvilKilled.inject(world, planned, hit)
    await serverLock.during(async () => {
      for (const process of [aggregator, ...provers]) process.signal('SIGKILL')
      await Promise.all(servers.map((server) => server.kill('SIGKILL')))
    })
    return async () => {
      await nodeBack?.()
      await serverLock.during(async () => {
        await Promise.all(servers.map((server) => server.start()))
      })
    }
  },
)
