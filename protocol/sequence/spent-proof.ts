import type { Hex } from '../base/ranges.ts'
import type { OnChain } from './view.ts'
import { ownInRound } from './view.ts'

/** A transaction of ours that brought a proof and stands in a block. */
export interface MinedProof {
  proofHash: Hex
  block: number
  status: 'success' | 'reverted'
}

/**
 * Finds the last transaction that brought the committed proof in the round of our hash up to block `head`, ran, and yet
 * left it unaccepted. A contract of 2023 has fined it, and would fine the same bytes again. An older round tells
 * nothing about this one. It is undefined where nothing is spent.
 */
export function spentProof<Mined extends MinedProof>(
  mined: readonly Mined[],
  { own, round }: OnChain,
  head: number,
): Mined | undefined {
  const ofRound = ownInRound({ own, round })
  if (round === null || ofRound === null || ofRound.isProved) return undefined
  return mined
    .filter(({ status, proofHash }) => status === 'success' && proofHash === ofRound.proofHash)
    .filter(({ block }) => block >= round.startBlock && block <= head)
    .reduce<Mined | undefined>((last, one) => (last === undefined || one.block > last.block ? one : last), undefined)
}

/** Says why spent bytes aren't sent again, for people. */
export const spentText = (block: number): string =>
  `the contract took the proof in block ${block} and didn't accept it, which one of 2023 fines each time; the next round is free`
