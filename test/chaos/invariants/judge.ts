import type { Address, Hex } from 'viem'
import type { DatabaseFacts, Disturbance, Facts, RollupFacts } from './facts.ts'

/** Looks at facts alone and says what doesn't hold, a line each. */
export type Invariant = (facts: Facts) => string[]

export const isSame = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase()

export const nameOf = (rollup: string, from: number, to: number): string => `batches ${from}-${to} of ${rollup}`

/** A hash of ours that stands on chain and the round that it belongs to. */
export interface OwnCommit {
  rollup: RollupFacts
  from: number
  to: number
  proofHash: Hex
  txHash: Hex
  round: RollupFacts['rounds'][number]
  isProved: boolean
  isVoid: boolean
  /** Whether the sequence was verified in this round. */
  isDecided: boolean
}

/**
 * Lists every hash that our miners have on chain, of whatever round, from events and not from the contract's present
 * state.
 */
export function ownCommits({ rollups }: Facts): OwnCommit[] {
  return rollups.flatMap((rollup) =>
    rollup.commits
      .filter(({ miner }) => isSame(miner, rollup.miner))
      .flatMap(({ to, proofHash, txHash, block }) => {
        const round = rollup.rounds.filter((one) => one.to === to && one.startBlock <= block).at(-1)
        if (round === undefined) return []
        const inRound = rollup.accepted.filter((one) => one.to === to && one.roundStartBlock === round.startBlock)
        const end = lastBlock(round)
        return {
          ...{ rollup, to, proofHash, txHash, round },
          from: rollup.sequences.find((one) => one.to === to)?.from ?? to,
          isProved: inRound.some(({ miner }) => isSame(miner, rollup.miner)),
          isVoid: inRound.length === 0 && rollup.emergencies.some((at) => at >= round.startBlock && at <= end),
          isDecided: inRound.length > 0,
        }
      }),
  )
}

/** Tells the last block in which a proof of the round is accepted, unless the sequence is verified. */
export const lastBlock = ({ startBlock, commitBlocks, proveBlocks }: RollupFacts['rounds'][number]): number =>
  startBlock + commitBlocks + proveBlocks

/** Part of a proof window that may be taken away before a missed proof is the plan's fault and not ours. */
const EXCUSING_SHARE = 0.5

/** Lists changes of a sequence's data that were none of the miner's making. */
export const replacements = ({ disturbances }: Pick<Facts, 'disturbances'>, sequence: { rollup: string; to: number }) =>
  disturbances
    .filter((one) => one.takes === 'posted-data')
    .filter((one) => one.rollup === sequence.rollup && one.fromBatch <= sequence.to)

/**
 * Tells whether a reorg took our proof out of the chain when its window was over at the new head: nobody could send it
 * in time again.
 */
function lostProofTooLate({ databases, replaced }: Facts, { rollup, to, round }: OwnCommit): boolean {
  const proofs = databases
    .flatMap(({ attempts }) => attempts)
    .filter(({ intent }) => intent === `prove ${rollup.name} ${to}`)
  const last = lastBlock(round)
  const isTooLate = (one: { block: number; head: number }) =>
    one.block > round.startBlock && one.block <= last && one.head >= last
  return replaced.some((one) => isTooLate(one) && proofs.some(({ txHash }) => txHash === one.hash))
}

/**
 * Tells whether a reorg took somebody else's proof away, after which our hash had gone out, and the sequence that it
 * proved was verified in a round of which no proof could be sent before our window was over.
 */
function lostOthersProof({ replaced }: Facts, { rollup, from, round, txHash }: OwnCommit): boolean {
  const last = lastBlock(round)
  const isTooLate = (to: number) => {
    const verified = rollup.accepted.filter((one) => one.to === to).map(({ roundStartBlock }) => roundStartBlock)
    const rounds = rollup.rounds.filter((one) => one.to === to && verified.includes(one.startBlock))
    return rounds.every(({ startBlock, commitBlocks }) => startBlock + commitBlocks + 1 > last)
  }
  const wasOut = (head: number) =>
    round.startBlock <= head || replaced.some((one) => one.hash === txHash && one.head === head)
  return replaced.some(
    ({ proves, head }) =>
      proves?.rollup === rollup.name && proves.to < from && head <= last && wasOut(head) && isTooLate(proves.to),
  )
}

/**
 * Tells whether the plan itself took provers or endpoints away for most of the window, replaced its posted data
 * meanwhile, took our proof out of the chain after it, or that of others on which ours was built.
 */
export function isExcused(facts: Facts, commit: OwnCommit): boolean {
  const { rollup, to, round, txHash } = commit
  const { disturbances } = facts
  if (lostProofTooLate(facts, commit) || lostOthersProof(facts, commit)) return true
  const [first, last] = [round.startBlock + round.commitBlocks + 1, lastBlock(round)]
  const isOfRound = (one: Disturbance) => one.toBlock >= round.startBlock && one.fromBlock <= last
  const signedAtMs = facts.databases
    .flatMap(({ attempts }) => attempts)
    .find((one) => one.txHash === txHash)?.storedAtMs
  // A hash that was signed for the old data may land at any time, when another reorg brings it back from the pool.
  const isOfOldData = ({ atMs }: { atMs: number }) => signedAtMs !== undefined && signedAtMs <= atMs
  if (replacements(facts, { rollup: rollup.name, to }).some((one) => isOfRound(one) || isOfOldData(one))) return true
  const blocks = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const taken = blocks.filter((block) =>
    disturbances.some((one) => one.takes !== 'posted-data' && one.fromBlock <= block && block <= one.toBlock),
  )
  return taken.length > blocks.length * EXCUSING_SHARE
}

/**
 * Finds the latest row of each sequence, of whichever life of the database: one that had ended isn't looked at again.
 * Rows come latest first.
 */
export function sequenceRows({ databases }: Facts): DatabaseFacts['sequences'] {
  const rows = databases.toReversed().flatMap(({ sequences }) => sequences)
  return rows.filter(
    (row, i) => rows.findIndex((one) => one.rollup === row.rollup && one.from === row.from && one.to === row.to) === i,
  )
}
