import type { SequenceRef } from '../../protocol/base/ranges.ts'
import type { SequenceIntent } from '../../protocol/sender/intent.ts'
import type { Step } from '../../protocol/sequence/next-step.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { intentSignal } from '../../protocol/temporal/messages.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'
import { findFinalProof, type KeptFinalProof } from '../proof/final-proof.ts'
import { signalSender } from './signal-sender.ts'

export const createHandIntent =
  (deps: SubmissionDeps): SubmissionActivities['handIntent'] =>
  async ({ sequence, step }) => {
    const rollup = deps.rollupOf(sequence.rollup)
    const intent = toIntent(rollup, sequence, step, await findOwedProof(deps, rollup, sequence))
    if (intent === null) return null
    return { sender: await signalSender(deps, rollup, intentSignal, intent) }
  }

/** The final proof whose hash stands on chain, else the one to commit to. */
async function findOwedProof(deps: SubmissionDeps, rollup: RollupContext, sequence: SequenceRef): Promise<KeptFinalProof | null> {
  const { chain, contract, miner } = rollup
  const { head } = await chain.agreedBlocks()
  const { own } = await chain.readOnChain({ contract, range: sequence, miner, at: head })
  return findFinalProof(deps, rollup, sequence, own?.proofHash ?? null)
}

/** The transaction that a step asks for; null for a step that asks for none. */
function toIntent({ contract }: RollupContext, sequence: SequenceRef, step: Step, kept: KeptFinalProof | null): SequenceIntent | null {
  const { rollup, from, to, accInputHash } = sequence
  const base = { rollup, from, to, accInputHash, contract }
  if (step.kind === 'claim') return { ...base, step: 'claim', finalProof: null, firstBlock: 0, lastBlock: null }
  if ((step.kind !== 'commit' && step.kind !== 'prove') || kept === null) return null
  const { sha256, size, proofHash } = kept
  return {
    ...base,
    step: step.kind === 'commit' ? 'commit' : step.isLate ? 'prove-late' : 'prove',
    finalProof: { sha256, size, proofHash },
    firstBlock: step.firstBlock,
    lastBlock: step.lastBlock,
  }
}
