import { zeroHash } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import type { LocalRollup } from '../../dev/deployment/local-deployment.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import type { BatchRange } from '../../protocol/sequence.ts'

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
export interface SequenceState extends OnChain {
  isVerified: boolean
  /** Last block of the round in which proofs are accepted; 0 without a round. */
  roundEnd: number
  /** First block of the round in which no hash is accepted any more. */
  commitsEnd: number
  lateDeadline: number
  /** Our hash stands in the round that the contract knows. */
  isOurs: boolean
  isOurProofAccepted: boolean
}

export async function readState({ rollup, sequence }: OnChain): Promise<SequenceState> {
  const { publicClient, walletClient } = rollup.miner
  const to = BigInt(sequence.to)
  const at = { address: rollup.rollup, abi: rollupAbi } as const
  const [round, own, last] = await Promise.all([
    publicClient.readContract({ ...at, functionName: 'getRound', args: [to] }),
    publicClient.readContract({ ...at, functionName: 'getCommitment', args: [to, walletClient.account.address] }),
    publicClient.readContract({ ...at, functionName: 'lastVerifiedBatch' }),
  ])
  const start = Number(round.startBlock)
  const commitsEnd = start + Number(round.commitBlocks)
  return {
    rollup,
    sequence,
    isVerified: Number(last) >= sequence.to,
    roundEnd: start === 0 ? 0 : commitsEnd + Number(round.proveBlocks),
    commitsEnd,
    lateDeadline: Number(round.lateProofDeadlineBlock),
    isOurs: start > 0 && own.proofHash !== zeroHash && own.roundStartBlock === round.startBlock,
    isOurProofAccepted: own.isProved,
  }
}
