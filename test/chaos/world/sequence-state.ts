import { rollupAbi } from '../../../contracts/abi.ts'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { PostedSequence } from '../../../dev/payments/sequencer.ts'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { RoundState } from '../contracts/contract.ts'
import { contractOf } from '../contracts/index.ts'

export interface Posted {
  rollup: LocalRollup
  sequence: PostedSequence
}

/** A sequence as the contract knows it. */
interface OnChain {
  rollup: LocalRollup
  sequence: BatchRange
}

/** What the contract says of a posted sequence at the head, and of us in it. */
export interface SequenceState extends OnChain, RoundState {
  isVerified: boolean
}

export async function readState({ rollup, sequence }: OnChain): Promise<SequenceState> {
  const [round, last] = await Promise.all([
    contractOf(rollup).readRound(rollup, sequence.to),
    rollup.miner.publicClient.readContract({
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'lastVerifiedBatch',
    }),
  ])
  return { rollup, sequence, ...round, isVerified: Number(last) >= sequence.to }
}
