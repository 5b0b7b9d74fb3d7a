import { cancellationSignal, heartbeat } from '@temporalio/activity'
import type { ChainTick, WatchedLog } from '../chain/watch-chain.ts'
import type { WatchActivities } from '../protocol/activities.ts'
import { concerns, concernsRollup, type RollupEvent } from '../protocol/concerned.ts'
import { chainWorkflowId, rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../protocol/ids.ts'
import { watcherSignal } from '../protocol/messages.ts'
import type { RollupContext, SubmissionDeps } from './context.ts'
import { UnknownChainError } from './errors.ts'
import { listConcerned, tell, wake } from './wake.ts'

/** A run of the watcher ends by itself after this, so that the workflow's history shows that it lives. */
const RUN_MS = 60 * 60_000

export const createWatchChain =
  (deps: SubmissionDeps): WatchActivities['watchChain'] =>
  async ({ chainId }) => {
    const rollups = deps.rollups.filter((rollup) => rollup.chainId === chainId)
    const [first] = rollups
    if (first === undefined) throw new UnknownChainError(chainId)
    const endsAt = Date.now() + RUN_MS
    let blocks = 0
    let toldTrouble: boolean | undefined // an earlier run may have told of some
    for await (const tick of first.chain.watch({ addresses: () => rollups.map((r) => r.contract), signal: cancellationSignal() })) {
      heartbeat(beatOf(tick, first.chain.troubles()))
      if (tick.kind !== 'quiet') blocks += 1
      const trouble = tick.kind === 'quiet' ? tick.trouble : null
      if (toldTrouble !== (trouble !== null)) await tell(deps.temporal, chainWorkflowId(chainId), watcherSignal, trouble)
      toldTrouble = trouble !== null
      await Promise.all(rollups.map((rollup) => wakeConcerned(deps, rollup, tick)))
      if (Date.now() > endsAt) break
    }
    cancellationSignal().throwIfAborted()
    return { blocks }
  }

/** What the Web UI shows of the watcher: why it sees nothing, or the head; and which endpoints it does without. */
const beatOf = (tick: ChainTick, endpoints: string[]) =>
  tick.kind === 'quiet' ? { trouble: tick.trouble, endpoints } : { head: tick.head.number, endpoints }

/** Signals the sequences, the rollup and the sender that a tick concerns: nobody, for a block without our logs. */
async function wakeConcerned(deps: SubmissionDeps, rollup: RollupContext, tick: ChainTick): Promise<void> {
  const events = eventsOf(rollup, tick)
  if (events.length === 0) return
  const why = tick.kind === 'quiet' ? 'quiet' : `block ${tick.head.number}`
  const concerned = await listConcerned(deps.db, rollup.name, (row) => events.some((event) => concerns(event, row)))
  const sequences = concerned.map(sequenceWorkflowId)
  const rollups = events.some(concernsRollup) ? [rollupWorkflowId(rollup.name)] : []
  const senders = [senderWorkflowId(rollup.chainId, rollup.miner)]
  await wake(deps.temporal, [...sequences, ...rollups, ...senders], why)
}

function eventsOf(rollup: RollupContext, tick: ChainTick): RollupEvent[] {
  if (tick.kind === 'quiet') return []
  // What single logs can't tell concerns everybody: everything is read again.
  if (tick.kind === 'restart' || tick.reorgDepth > 0) return [{ kind: 'rules' }]
  return tick.logs.filter((log) => log.address.toLowerCase() === rollup.contract.toLowerCase()).flatMap((log) => toEvent(log, rollup) ?? [])
}

/** Null for what concerns nobody of ours: other people's coins come and go as often as they like, and every wake costs events of a history. */
function toEvent({ event, numBatch, account }: WatchedLog, { miner }: RollupContext): RollupEvent | null {
  const isOurs = account?.toLowerCase() === miner.toLowerCase()
  if (numBatch === null) return account === null || isOurs ? { kind: 'rules' } : null
  if (event === 'SequenceBatches') return { kind: 'sequenced', numBatch }
  if (event === 'VerifyBatchesTrustedAggregator') return { kind: 'verified', numBatch }
  return { kind: 'committed', numBatch, isOurs: isOurs && event === 'SubmitProofHash' }
}
