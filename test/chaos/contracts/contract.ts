import type { PublicClient } from 'viem'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { RollupFacts } from '../invariants/facts.ts'

/**
 * What the harness reads of a rollup's contract otherwise for one generation of rules than for the other. What both
 * answer to the same call, with the same words, is read by our ABI, wherever that is needed.
 */
export interface RollupContract {
  /** Reads the last round of the sequence that ends with batch `to`, at the head, and our hash in it. */
  readRound(rollup: LocalRollup, to: number): Promise<RoundState>
  readFacts(client: PublicClient, rollup: LocalRollup): Promise<ContractFacts>
}

/** The state of a round. Blocks are 0 without one. */
export interface RoundState {
  /** First block of the round in which no hash is accepted any more. */
  commitsEnd: number
  /** First block in which a proof is accepted. */
  proofsBegin: number
  /** Last block in which one is, unless the sequence is verified. */
  roundEnd: number
  /** Last block in which a late proof is accepted; 0 also where there is none. */
  lateDeadline: number
  /** Whether our hash stands in this round. */
  isOurs: boolean
  isOurProofAccepted: boolean
}

/** The part of what is judged of a rollup that each generation tells in its own way. */
export type ContractFacts = Pick<
  RollupFacts,
  'balanceWei' | 'buckets' | 'stakes' | 'rounds' | 'accepted' | 'settled' | 'fines' | 'emergencies' | 'paid'
>
