import type { SequenceRef } from '../../protocol/base/ranges.ts'
import { intentOf } from '../../protocol/sender/intent.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { intentSignal } from '../../protocol/temporal/messages.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'
import { findFinalProof, type KeptFinalProof } from '../proof/final-proof.ts'
import { signalSender } from './signal-sender.ts'

export const createHandIntent =
  (deps: SubmissionDeps): SubmissionActivities['handIntent'] =>
  async ({ sequence, step, finalProof }) => {
    const rollup = deps.rollupOf(sequence.rollup)
    const kept = finalProof === undefined ? await findOwedProof(deps, rollup, sequence) : finalProof
    const intent = intentOf(step, { sequence, contract: rollup.contract, kept })
    return intent && { sender: await signalSender(deps, rollup, intentSignal, intent) }
  }

/**
 * Finds the proof for a workflow that an older aggregator runs, which names none: the one whose hash stands on chain,
 * else the one to commit to.
 */
async function findOwedProof(
  deps: SubmissionDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
): Promise<KeptFinalProof | null> {
  const { chain, contract, miner } = rollup
  const { head } = await chain.agreedBlocks()
  const { own } = await chain.readOnChain({ contract, range: sequence, miner, at: head })
  return findFinalProof(deps, rollup, sequence, own?.proofHash ?? null)
}
