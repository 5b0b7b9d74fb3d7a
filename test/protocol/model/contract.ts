/**
 * The rollup contract's rules as a model, written from docs/protocol.md#windows (`strict`) and
 * docs/protocol.md#contracts-of-2023 (`loose`) with arithmetic of its own, so that it can contradict protocol/.
 * Functions change the chain in place and answer the contract's error, or null. Blocks are numbers, amounts are small
 * integers; only our own stake is kept.
 */
import type { Hex } from '../../../protocol/base/ranges.ts'

export type Variant = 'strict' | 'loose'
type Miner = 'us' | 'rival'

interface ModelRound {
  start: number
  t1: number
  t2: number
  /** Block that only `strict` has, once verified. */
  lateDeadline: number | null
}

interface ModelCommitment {
  hash: Hex
  round: number
  hashBlock: number
  /** Last block of the round by the rules that it began with. */
  end: number
  lock: number
  isProved: boolean
  isSettled: boolean
  isVoid: boolean
  /** Whether there was a block in which the contract would have taken the proof and the miner was up. */
  wasProvable: boolean
}

export interface ModelSequence {
  data: Hex | null
  postedAt: number | null
  isVerified: boolean
  round: ModelRound | null
  commitments: Record<Miner, ModelCommitment | null>
}

export interface ModelChain {
  variant: Variant
  number: number
  t1: number
  t2: number
  lateBlocks: number
  isPaused: boolean
  sequences: ModelSequence[]
  stake: number
  locked: number
  /** Coins that our transactions have cost. */
  spent: number
  claimable: number
  /** Penalties of ours: whether the proof could have been given. */
  fines: { sequence: number; wasProvable: boolean }[]
}

export const PENALTY = 10
export const MIN_STAKE = 5
/**
 * What a transaction of ours costs. A claim is paid by what it claims, and one that is refused ends before it gets
 * dear.
 */
export const COST = { commit: 3, prove: 7, claim: 0 } as const

export const copyChain = (chain: ModelChain): ModelChain => ({
  ...chain,
  fines: [...chain.fines],
  sequences: chain.sequences.map((s) => ({
    ...s,
    round: s.round && { ...s.round },
    commitments: {
      us: s.commitments.us && { ...s.commitments.us },
      rival: s.commitments.rival && { ...s.commitments.rival },
    },
  })),
})

/** Gives the round's rules: its own in ours, today's globals in 2023. */
export const rulesOf = (chain: ModelChain, round: ModelRound): { t1: number; t2: number } =>
  chain.variant === 'strict' ? round : chain

export function commit(chain: ModelChain, miner: Miner, index: number, hash: Hex): string | null {
  const sequence = at(chain, index)
  const own = sequence.commitments[miner]
  if (chain.isPaused) return 'OnlyNotEmergencyState'
  if (sequence.data === null) return 'NewAccInputHashDoesNotExist'
  if (sequence.isVerified) return 'CommittedProof'
  if (own && ownHashCounts(chain, sequence, own)) return 'CommittedProofHash'
  const isLive = sequence.round !== null && !isOver(chain, sequence.round)
  if (isLive && sequence.round && chain.number > sequence.round.start + rulesOf(chain, sequence.round).t1)
    return 'CommittedTimeout'
  if (chain.variant === 'strict') settle(chain, miner, index)
  if (miner === 'us' && (chain.stake < MIN_STAKE || chain.stake - chain.locked < PENALTY)) return 'InsufficientPledge'
  if (!isLive) sequence.round = { start: chain.number, t1: chain.t1, t2: chain.t2, lateDeadline: null }
  if (chain.variant === 'loose' && miner === 'us') sweep(chain, own ? [index] : [])
  addCommitment(chain, sequence, miner, hash)
  if (chain.variant === 'loose' && miner === 'us') sweep(chain)
  return null
}

export function prove(chain: ModelChain, miner: Miner, index: number, proof: { hash: Hex; data: Hex }): string | null {
  const sequence = at(chain, index)
  const own = sequence.commitments[miner]
  const { round } = sequence
  if (chain.isPaused) return 'OnlyNotEmergencyState'
  if (own === null || round === null || own.round !== round.start) return 'ErrCommitProof'
  const { t1, t2 } = rulesOf(chain, round)
  if (chain.number < round.start + t1 + (chain.variant === 'strict' ? 1 : 0)) return 'SubmitProofEarly'
  const last = sequence.isVerified ? (round.lateDeadline ?? Number.POSITIVE_INFINITY) : round.start + t1 + t2
  if (chain.number > last) return 'SubmitProofTooLate'
  if (own.isProved) return 'CommittedProof'
  if (index > 0 && !at(chain, index - 1).isVerified) return 'InitNumBatchAboveLastVerifiedBatch'
  if (proof.hash !== own.hash || proof.data !== sequence.data) return 'InvalidProof'
  own.isProved = true
  release(chain, miner, own)
  if (!sequence.isVerified) {
    sequence.isVerified = true
    if (chain.variant === 'strict')
      round.lateDeadline = Math.max(round.start + t1 + t2, chain.number + chain.lateBlocks)
  }
  if (chain.variant === 'loose' && miner === 'us') sweep(chain)
  return null
}

/** Settles a commitment, in `strict` only. Answers whether it decided anything. */
export function settle(chain: ModelChain, miner: Miner, index: number): boolean {
  const { round, isVerified, commitments } = at(chain, index)
  const own = commitments[miner]
  if (!own || own.isSettled) return false
  const isOfRound = round !== null && own.round === round.start
  if (!own.isVoid && isOfRound && isVerified) {
    if (chain.number <= (round.lateDeadline ?? 0)) return false
    if (own.isProved && miner === 'us') chain.claimable += 1
  } else if (!own.isVoid) {
    if (chain.number <= own.end) return false
    if (miner === 'us') fine(chain, index, own)
  }
  own.isSettled = true
  release(chain, miner, own)
  return true
}

/** Claims, in `strict` only. Answers whether it did anything. */
export function claim(chain: ModelChain, index: number): boolean {
  const isSettled = settle(chain, 'us', index)
  const isPaid = chain.claimable > 0
  chain.claimable = 0
  return isSettled || isPaid
}

export function pause(chain: ModelChain): void {
  chain.isPaused = true
  if (chain.variant === 'loose') return
  for (const sequence of chain.sequences) {
    const { round } = sequence
    if (round === null || sequence.isVerified || isOver(chain, round)) continue
    for (const own of Object.values(sequence.commitments)) if (own?.round === round.start) own.isVoid = true
    sequence.round = null
  }
}

/**
 * Tells whether our hash stands in a round that ended unverified: the penalty is certain. It is for `strict` only,
 * since in 2023 it depends on what we call.
 */
export const isDoomed = (chain: ModelChain, sequence: ModelSequence): boolean => {
  const own = sequence.commitments.us
  return own !== null && !own.isVoid && !own.isSettled && !sequence.isVerified && chain.number > own.end
}

const at = (chain: ModelChain, index: number): ModelSequence => {
  const sequence = chain.sequences[index]
  if (sequence === undefined) throw new Error(`no sequence ${index}`)
  return sequence
}

function isOver(chain: ModelChain, round: ModelRound): boolean {
  const { t1, t2 } = rulesOf(chain, round)
  return chain.number > round.start + t1 + t2
}

const ownHashCounts = (chain: ModelChain, { round }: ModelSequence, own: ModelCommitment): boolean =>
  chain.variant === 'loose'
    ? own.round + chain.t1 + chain.t2 > chain.number
    : round !== null && own.round === round.start && !isOver(chain, round)

function addCommitment(chain: ModelChain, sequence: ModelSequence, miner: Miner, hash: Hex): void {
  const { round } = sequence
  if (round === null) throw new Error('no round')
  const lock = chain.variant === 'strict' ? PENALTY : 0
  if (miner === 'us') chain.locked += lock
  const states = { isProved: false, isSettled: false, isVoid: false, wasProvable: false }
  sequence.commitments[miner] = {
    hash,
    round: round.start,
    hashBlock: chain.number,
    end: round.start + round.t1 + round.t2,
    lock,
    ...states,
  }
}

function release(chain: ModelChain, miner: Miner, own: ModelCommitment): void {
  if (miner === 'us') chain.locked -= own.lock
  own.lock = 0
}

function fine(chain: ModelChain, sequence: number, { wasProvable }: ModelCommitment): void {
  chain.stake -= PENALTY
  chain.fines.push({ sequence, wasProvable })
}

/**
 * Fines as contracts of 2023 do: our every call fines what is unproved and older than T1+T2, whoever verified it
 * (docs/protocol.md#penalties-of-2023).
 */
function sweep(chain: ModelChain, only = chain.sequences.map((_, index) => index)): void {
  for (const index of only) {
    const own = at(chain, index).commitments.us
    if (!own || own.isProved || own.isSettled || chain.number - own.hashBlock <= chain.t1 + chain.t2) continue
    own.isSettled = true
    fine(chain, index, own)
  }
}
