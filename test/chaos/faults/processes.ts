import { startAggregator } from '../../../dev/deployment/processes.ts'
import type { StackPart } from '../../../dev/stack/part.ts'
import type { FaultName, PlannedFault } from '../plans/plan.ts'
import { askWorkflows } from '../world/ask-workflows.ts'
import type { Supervised } from '../world/supervised.ts'
import type { World } from '../world/world.ts'
import { anvilKilled } from './chain.ts'
import { type ChaosFault, momentary } from './fault.ts'

const proverOf = ({ provers }: World, { victim }: PlannedFault): Supervised => {
  const prover = provers[victim % provers.length]
  if (prover === undefined) throw new Error('unreachable: a plan has a prover')
  return prover
}

const takesTheOnlyProver: ChaosFault['takes'] = ({ provers }) => (provers.length === 1 ? 'provers' : null)

/** Its supervisor starts it again. */
const ended = (name: FaultName, victim: (world: World, planned: PlannedFault) => Supervised): ChaosFault =>
  momentary(name, async (world, planned, hit) => {
    victim(world, planned).signal('SIGKILL')
    hit()
  })

/** A machine that pauses: what it did it goes on doing when it wakes, whoever has taken over meanwhile. */
const suspended = (name: FaultName, victim: (world: World, planned: PlannedFault) => Supervised): ChaosFault => ({
  name,
  inject: async (world, planned, hit) => {
    victim(world, planned).signal('SIGSTOP')
    hit()
    return () => victim(world, planned).signal('SIGCONT')
  },
})

const serverSuspended = (name: FaultName, server: (world: World) => StackPart): ChaosFault => ({
  name,
  inject: async (world, _, hit) => {
    await world.serverLock.during(() => server(world).kill('SIGSTOP'))
    hit()
    return () => server(world).kill('SIGCONT') // without the lock: its holder may be waiting for this very server
  },
})

const serverGone = (name: FaultName, server: (world: World) => StackPart): ChaosFault => ({
  name,
  inject: async (world, _, hit) => {
    await world.serverLock.during(() => server(world).kill('SIGKILL'))
    hit()
    return () => world.serverLock.during(() => server(world).start())
  },
})

const serverKilled = (name: FaultName, server: (world: World) => StackPart): ChaosFault =>
  momentary(name, (world, _, hit) =>
    world.serverLock.during(async () => {
      await server(world).kill('SIGKILL')
      hit()
      await server(world).start()
    }),
  )

export const aggregatorKilled = ended('aggregator-killed', ({ aggregator }) => aggregator)
export const aggregatorHangs = suspended('aggregator-hangs', ({ aggregator }) => aggregator)
export const proverKilled = ended('prover-killed', proverOf)
export const proverHangs: ChaosFault = { ...suspended('prover-hangs', proverOf), takes: takesTheOnlyProver }
export const temporalKilled = serverKilled('temporal-killed', ({ stack }) => stack.temporal)
export const temporalHangs = serverSuspended('temporal-hangs', ({ stack }) => stack.temporal)
export const postgresKilled = serverKilled('postgres-killed', ({ stack }) => stack.postgres)
export const postgresGone = serverGone('postgres-gone', ({ stack }) => stack.postgres)
export const postgresHangs = serverSuspended('postgres-hangs', ({ stack }) => stack.postgres)

/**
 * Suspended past the time-outs of its workflow tasks, while operators ask: it wakes to questions and to tasks that it
 * no longer has.
 */
export const aggregatorHangsAsked: ChaosFault = {
  name: 'aggregator-hangs-asked',
  takes: () => 'aggregator',
  inject: async (world, _, hit) => {
    world.aggregator.signal('SIGSTOP')
    const stopAsking = askWorkflows(world, hit)
    return () => {
      stopAsking()
      world.aggregator.signal('SIGCONT')
    }
  },
}

export const aggregatorGone: ChaosFault = {
  name: 'aggregator-gone',
  inject: async ({ aggregator }, _, hit) => {
    const up = await aggregator.takeDown()
    hit()
    return up
  },
}

/** Somebody starts a second one with the same configuration and key; it ends without a word. */
export const aggregatorTwice: ChaosFault = {
  name: 'aggregator-twice',
  inject: async ({ deployment }, _, hit) => {
    const second = await startAggregator(deployment.settings)
    hit()
    return () => second.kill('SIGKILL')
  },
}

/** Everything at once, the node too, as when a machine loses power. */
export const allKilled: ChaosFault = {
  name: 'all-killed',
  takes: () => 'endpoints',
  inject: async (world, planned, hit) => {
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
}
