/** A sequence view to vary: batches 4-6, posted deep enough, proved, staked, nobody's hash on chain. */
import type {
  Holds,
  OnChain,
  OwnCommitment,
  Predecessor,
  RoundView,
  SequenceView,
} from '../../../protocol/sequence/view.ts'

const HASH = '0xaa'
const DATA = '0xda'

/** T1 = 10, T2 = 20: hashes in 100..110, proofs in 111..130. */
export const ROUND: RoundView = {
  startBlock: 100,
  commitBlocks: 10,
  proveBlocks: 20,
  isVerified: false,
  lateProofDeadlineBlock: null,
}
export const OWN: OwnCommitment = {
  proofHash: HASH,
  roundStartBlock: 100,
  isProved: false,
  isSettled: false,
  lockedWei: '10',
}
export const VERIFIED_ROUND: RoundView = { ...ROUND, isVerified: true, lateProofDeadlineBlock: 140 }

const CHAIN: OnChain = { accInputHash: DATA, isVerified: false, round: null, own: null }
const NO_HOLDS: Holds = { paused: null, cancelled: null, quarantined: null }

type Changes = Partial<Omit<SequenceView, 'head' | 'atHead' | 'atFinal' | 'limits' | 'funds' | 'holds'>> & {
  head?: number
  atHead?: Partial<OnChain>
  atFinal?: Partial<OnChain> | null
  limits?: Partial<SequenceView['limits']>
  funds?: Partial<SequenceView['funds']>
  holds?: Partial<Holds>
}

/** Makes a view that is by default at block 99, so that the next block would be R = 100. */
export const view = ({ head = 99, atHead, atFinal, limits, funds, holds, ...rest }: Changes = {}): SequenceView => ({
  head: { number: head, hash: '0x99' },
  expectedAccInputHash: DATA,
  sequencedAtBlock: 50,
  atHead: { ...CHAIN, ...atHead },
  atFinal: atFinal === null ? null : { ...CHAIN, ...atFinal },
  isContractPaused: false,
  nextRound: { commitBlocks: 10, proveBlocks: 20 },
  hasClaims: true,
  finalProof: { sha256: '0xff', size: 1, proofHash: HASH, isInBothStores: true, isAcceptedByContract: true },
  predecessors: [],
  funds: {
    stakeWei: rest.hasClaims === false ? `${2n * 10n ** 18n}` : '100', // 2023 counts whole coins
    lockedWei: '0',
    minStakeWei: '50',
    penaltyWei: '10',
    balanceWei: '9',
    reserveWei: '9',
    liabilities: [],
    claimableWei: '0',
    ...funds,
  },
  limits: { confirmations: 2, blocksPerSequence: 3, marginBlocks: 4, maxCommitAhead: 3, ...limits },
  holds: { ...NO_HOLDS, ...holds },
  ...rest,
})

/** Makes a view in which our hash is out and nobody proved yet. */
export const committed = (changes: Changes = {}): SequenceView =>
  view({ ...changes, atHead: { round: ROUND, own: OWN, ...changes.atHead } })

/** Makes a view in which a rival proved, and our hash stands in the round. */
export const late = (changes: Changes = {}): SequenceView =>
  view({ ...changes, atHead: { isVerified: true, round: VERIFIED_ROUND, own: OWN, ...changes.atHead } })

export const predecessor = (changes: Partial<Predecessor> = {}): Predecessor => ({
  from: 1,
  to: 3,
  ownLiveRound: ROUND,
  isOwnProofStored: true,
  ...changes,
})

/** What the contracts of 2023 lack. */
export const LOOSE = { hasClaims: false } as const
