import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import { findBatches } from '../../db/proofs/batches.ts'
import { listReplays } from '../../db/proofs/replays.ts'
import type { SequenceRef } from '../../protocol/base/ranges.ts'
import { replayText } from '../../protocol/rollup/survey.ts'
import { unminedByRows } from '../../protocol/sender/in-flight.ts'
import { nodesRefusalText } from '../../protocol/sender/nodes-answer.ts'
import type { Step } from '../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { whyReverting } from './rehearse.ts'

/**
 * Says what keeps the transaction that a sequence wants from being sent, or taken, or its proofs from being begun, for
 * people: its sender and a replay can't write into lists.
 */
export async function findTrouble(
  deps: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  { view, step }: { view: SequenceView; step: Step },
): Promise<string | null> {
  if (step.kind === 'reprove') return findReplay(deps, sequence)
  if (step.kind !== 'commit' && step.kind !== 'prove' && step.kind !== 'claim') return null
  const attempts = (await listSequenceAttempts(deps.db, sequence)).filter(({ isFinal }) => !isFinal)
  const kindOf = (purpose: string | undefined) => (purpose === 'prove-late' ? 'prove' : purpose)
  const unmined = unminedByRows(attempts, ({ inclusion }) => inclusion !== null)
  const newest = unmined.findLast(({ purpose }) => kindOf(purpose?.step) === step.kind)
  const refused = nodesRefusalText(newest?.answer)
  if (refused !== null || step.kind !== 'prove' || view.finalProof === null || newest !== undefined) return refused
  const why = await whyReverting(deps, rollup, sequence, { proof: view.finalProof, head: view.head })
  return why === null ? null : `held, ${why}`
}

/** Says which replay a sequence without inputs waits for. */
async function findReplay({ db }: ProvingDeps, sequence: SequenceRef): Promise<string | null> {
  const [replay] = await listReplays(db, sequence)
  if (replay === undefined || (await findBatches(db, { sequence, range: sequence })) !== undefined) return null
  return replayText(replay)
}
