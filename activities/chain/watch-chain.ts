import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity'
import type { ChainTick, WatchedLog } from '../../chain/contract/watch-chain.ts'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import { concerns, concernsRollup, type RollupEvent } from '../../protocol/sequence/wake-up.ts'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { chainWorkflowId, rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { watcherSignal } from '../../protocol/temporal/messages.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'
import { failureText, UnknownChainError } from '../errors.ts'
import { eventOfLog } from './event-of-log.ts'
import { createRecentLogs } from './recent-logs.ts'
import { createWaker, listSequencesWhere, tell, type Waker } from './wake.ts'

/** A run of the watcher ends by itself after this, so that the workflow's history shows that it lives. */
const RUN_MS = 60 * 60_000

/**
 * Time that a look's signals get before the next look; a longer wave goes on beside it, and the watcher beats
 * meanwhile.
 */
const WAVE_MS = 5_000

/**
 * What a run of the watcher leaves to the next one where its process dies: how far it has seen, and whom it hasn't told
 * yet.
 */
interface Left {
  seen: BlockRef | null
  pending: string[]
}

export const createWatchChain =
  (deps: SubmissionDeps): WatchActivities['watchChain'] =>
  async ({ chainId }) => {
    const rollups = deps.rollups.filter((rollup) => rollup.chainId === chainId)
    const [first] = rollups
    if (first === undefined) throw new UnknownChainError(chainId)
    const endsAt = Date.now() + RUN_MS
    const left = leftOf(activityInfo().heartbeatDetails)
    const waker = createWaker(deps.temporal, {
      onFailure: (id, error) => log.warn(`can't wake ${id}: ${failureText(error)}`),
    })
    waker.add(left.pending, 'resumed')
    let { seen } = left
    const recent = createRecentLogs(seen)
    let blocks = 0
    const tellTrouble = troubleTeller(deps, chainId)
    const options = {
      addresses: () => rollups.map((r) => r.contract),
      signal: cancellationSignal(),
      after: seen ?? undefined,
    }
    try {
      for await (const tick of first.chain.watch(options)) {
        const logs = recent.of(tick)
        for (const rollup of rollups) await wakeByEvents(deps, rollup, { tick, logs }, waker)
        if (tick.kind !== 'quiet') {
          blocks += 1
          seen = { number: tick.head.number, hash: tick.head.hash }
        }
        // what it leaves is of one moment
        heartbeat({ ...shown(tick, first.chain.troubles()), seen, pending: waker.pending() } satisfies Left)
        await tellTrouble(tick.kind === 'quiet' ? tick.trouble : null)
        await waker.settle(WAVE_MS)
        if (Date.now() > endsAt) break
      }
    } finally {
      waker.stop()
    }
    cancellationSignal().throwIfAborted()
    return { blocks }
  }

/**
 * Gives what an earlier run left. That is nothing after one that ended by itself, and of older versions: then
 * everything is read again.
 */
function leftOf(details: unknown): Left {
  const { seen = null, pending = [] } = (details ?? {}) as Partial<Left>
  return { seen, pending }
}

/**
 * Gives what the Web UI shows of the watcher: why it sees nothing, or the head; and which endpoints it does without.
 */
const shown = (tick: ChainTick, endpoints: string[]) =>
  tick.kind === 'quiet' ? { trouble: tick.trouble, endpoints } : { head: tick.head.number, endpoints }

/** Tells the chain's workflow what keeps the watcher from seeing blocks, once, and that it is over. */
function troubleTeller({ temporal }: SubmissionDeps, chainId: number): (trouble: string | null) => Promise<void> {
  let told: boolean | undefined // an earlier run may have told of some
  return async (trouble) => {
    if (told === (trouble !== null)) return
    await tell(temporal, chainWorkflowId(chainId), watcherSignal, trouble)
      .then(() => (told = trouble !== null))
      .catch((error: unknown) => log.warn(`can't tell the chain's workflow how the watcher is: ${failureText(error)}`))
  }
}

/** A tick, and the logs that it tells of or takes back; null: all may have changed. */
interface News {
  tick: ChainTick
  logs: readonly WatchedLog[] | null
}

/**
 * Wakes the sender, the rollup and the sequences that a tick concerns. A block without our logs concerns nobody, a
 * reorg without any the sender alone.
 */
async function wakeByEvents(
  deps: SubmissionDeps,
  rollup: RollupContext,
  { tick, logs }: News,
  waker: Waker,
): Promise<void> {
  const events = eventsOf(rollup, logs)
  const isReorg = tick.kind === 'block' && tick.reorgDepth > 0 // it takes back transactions that told nothing, too
  if (events.length === 0 && !isReorg) return
  const why = tick.kind === 'quiet' ? 'quiet' : `block ${tick.head.number}`
  const sequences = await listSequencesWhere(deps.db, rollup.name, (row) =>
    events.some((event) => concerns(event, row)),
  )
  const rollups = events.some(concernsRollup) ? [rollupWorkflowId(rollup.name)] : []
  waker.add([senderWorkflowId(rollup.chainId, rollup.miner), ...sequences.map(sequenceWorkflowId), ...rollups], why)
}

function eventsOf(rollup: RollupContext, logs: readonly WatchedLog[] | null): RollupEvent[] {
  if (logs === null) return [{ kind: 'rules' }]
  return logs
    .filter((log) => isSameAddress(log.address, rollup.contract))
    .flatMap((log) => eventOfLog(log, rollup.miner) ?? [])
}
