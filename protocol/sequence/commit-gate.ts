import { needOf, shortOf } from '../base/budget.ts'
import { formatRange } from '../base/ranges.ts'
import { coins } from '../base/units.ts'
import { blocksLeft, lastProveBlock } from '../base/windows.ts'
import { type Blocked, blocked } from './gate-conditions.ts'
import {
  blockedByBarePredecessor,
  blockedByPredecessors,
  blockedByTightWindows,
  blockedByWindow,
} from './gate-windows.ts'
import { RAISE_STAKE_OF_2023, stakeTooSmall, windowsOverflow } from './loose-rules.ts'
import { refusalText } from './texts.ts'
import { holdText, leastRewardOf, type SequenceView } from './view.ts'

/** Gives the first condition that forbids sending a new hash for inclusion in `block`; null when nothing does. */
export function blockedCommit(view: SequenceView, block: number): Blocked | null {
  return (
    blockedWork(view) ??
    blockedByNumbers(view) ??
    blockedByPause(view) ??
    blockedByProof(view) ??
    blockedByOverflow(view) ??
    blockedByFunds(view) ??
    blockedByLateProofs(view, block) ??
    blockedByOldHash(view, block) ??
    blockedByWindow(view, block) ??
    blockedByPredecessors(view, block) ??
    blockedBySending(view, block)
  )
}

/**
 * Gives the first condition under which a hash that is out had better not land in `block`, because it would cost a
 * penalty or a fine; null when none does. What the contract would refuse costs nothing, what operators hold is proved
 * all the same, a window without its margin is still long enough, and of two stores one may be away for a moment. A
 * proof that would revert may run again before its window ends, but taking the hash back costs gas and perhaps a round,
 * and leaving it costs stake. What nodes would refuse of the proof is left: gas limits and fees are reckoned with a
 * margin, and none is certain until it is sent.
 */
export function harmfulCommit(view: SequenceView, block: number): Blocked | null {
  return (
    blockedByProof({ finalProof: view.finalProof && { ...view.finalProof, isInBothStores: true } }) ??
    blockedByOverflow(view) ??
    blockedByRevertOfProof(view, block) ??
    (view.hasClaims ? null : blockedByLateProofs(view, block)) ??
    blockedByBarePredecessor({ predecessors: view.predecessors.map((one) => ({ ...one, isOwnProofStored: true })) }) ??
    blockedByTightWindows({ ...view, limits: { ...view.limits, marginBlocks: 0 } }, block)
  )
}

/** Gives the first condition that forbids even making a proof while no hash is out; null when nothing does. */
export function blockedWork(view: SequenceView): Blocked | null {
  const held = holdText(view.holds)
  if (held !== null) return blocked('held-by-operator', held)
  return blockedByDepth(view) ?? blockedByReward(view)
}

function blockedByDepth({ head, sequencedAtBlock, limits }: SequenceView): Blocked | null {
  const depth = sequencedAtBlock === null ? 0 : head.number - sequencedAtBlock
  if (sequencedAtBlock !== null && depth >= limits.confirmations) return null
  const why = `sequencing transaction has ${depth} of ${limits.confirmations} confirmations`
  return blocked('sequencing-not-deep', why, sequencedAtBlock === null ? null : sequencedAtBlock + limits.confirmations)
}

function blockedByReward({ rewardWei, limits }: SequenceView): Blocked | null {
  const leastWei = leastRewardOf(limits)
  if (rewardWei === undefined || BigInt(rewardWei) >= leastWei) return null
  return blocked(
    'reward-too-small',
    `the contract pays ${coins(rewardWei)} for it, \`leastReward\` asks for ${coins(leastWei)}`,
  )
}

const blockedByPause = ({ isContractPaused }: SequenceView): Blocked | null =>
  isContractPaused ? blocked('contract-paused', 'the contract is in its emergency pause') : null

/**
 * Blocks a hash where the numbers differ: T1 and T2 are counted in the contract's blocks, and a hash is sent and proved
 * by those of the nodes.
 */
function blockedByNumbers({ head, blockShift }: SequenceView): Blocked | null {
  if (blockShift === undefined) return null
  const why = `contracts of this chain see block ${head.number + blockShift} where its nodes count block ${head.number}, so no window can be kept`
  return blocked('other-block-numbers', why)
}

function blockedByProof({ finalProof }: Pick<SequenceView, 'finalProof'>): Blocked | null {
  if (finalProof === null || !finalProof.isInBothStores)
    return blocked('proof-not-stored', "the final proof isn't in both stores")
  return finalProof.isAcceptedByContract === false
    ? blocked('proof-not-accepted', refusalText(finalProof.refusal))
    : null
}

function blockedByOverflow(view: SequenceView): Blocked | null {
  const why = windowsOverflow(view)
  return why === null ? null : blocked('windows-overflow', why)
}

function blockedByFunds({ funds, hasClaims, atHead: { own } }: SequenceView): Blocked | null {
  // Our contract settles an old commitment before it looks at the stake: what that one locked may be gone by then.
  const oldLock = own !== null && !own.isSettled ? BigInt(own.lockedWei ?? 0) : 0n
  const stake = BigInt(funds.stakeWei) - oldLock
  const raise = hasClaims ? '`zkpow stake` raises it' : RAISE_STAKE_OF_2023
  const unlocked = BigInt(funds.stakeWei) - BigInt(funds.lockedWei)
  if (stake < BigInt(funds.minStakeWei)) {
    return blocked(
      'stake-short',
      `stake is ${coins(stake)}, the contract asks for ${coins(funds.minStakeWei)} (${raise})`,
    )
  }
  if (unlocked < BigInt(funds.penaltyWei)) {
    return blocked(
      'stake-short',
      `unlocked stake is ${coins(unlocked)}, a commit locks ${coins(funds.penaltyWei)} (${raise})`,
    )
  }
  const tooSmall = stakeTooSmall(hasClaims, stake)
  if (tooSmall !== null) return blocked('stake-short', tooSmall)
  const why = shortOf(funds.balanceWei, needOf(funds))
  return why === null ? null : blocked('balance-short', why)
}

/**
 * Blocks a hash while a late proof is owed: a late miner is fined in its next call, unless that is the late proof
 * (docs/protocol.md#penalties-of-2023).
 */
function blockedByLateProofs({ owedLateProofs = [] }: SequenceView, block: number): Blocked | null {
  const [first] = owedLateProofs
  if (first === undefined) return null
  return blocked('late-proof-owed', `the late proof of batches ${formatRange(first)} is sent first`, block)
}

/** Blocks a proof while a late one is owed, which goes before it, too, unless the window leaves no time for it. */
export function blockedProof(view: SequenceView): Blocked | null {
  const { head, limits, hasClaims, atHead } = view
  if (hasClaims || atHead.round === null) return null
  const left = blocksLeft(head.number, lastProveBlock(atHead.round))
  return left > limits.blocksPerSequence + limits.marginBlocks ? blockedByLateProofs(view, head.number + 1) : null
}

/**
 * Blocks a hash by an old one, which is measured with today's T1 and T2 and may outlive its round
 * (docs/protocol.md#rounds-and-windows-of-2023).
 */
function blockedByOldHash({ hasClaims, atHead: { own }, nextRound }: SequenceView, block: number): Blocked | null {
  if (hasClaims || own === null) return null
  const last = lastProveBlock({ startBlock: own.roundStartBlock, ...nextRound })
  return block >= last
    ? null
    : blocked('old-hash-counts', `our hash of block ${own.roundStartBlock} counts up to block ${last}`, last - 1)
}

/** A rehearsal is made anew after so many blocks, when one has failed. */
const REHEARSE_AGAIN_BLOCKS = 2

/** Room in a transaction for what isn't the proof: signature, fees, the call's other arguments and its padding. */
const BYTES_BESIDE_PROOF = 512

/** By the time that the proof is due the base fee may be twice as high. */
const BASE_FEE_ROOM = 2n

function blockedByRevertOfProof({ rehearsal }: SequenceView, block: number): Blocked | null {
  if (rehearsal?.reverts?.step !== 'prove') return null
  return blocked('proof-reverts', `its proof would revert: ${rehearsal.reverts.why}`, block - 1 + REHEARSE_AGAIN_BLOCKS)
}

/**
 * Blocks a hash that isn't worth sending, because itself, or later its proof, would be refused by nodes or by the
 * contract.
 */
function blockedBySending(view: SequenceView, block: number): Blocked | null {
  const { rehearsal, finalProof } = view
  if (rehearsal === undefined) return null
  const again = block - 1 + REHEARSE_AGAIN_BLOCKS
  const { commitGas, proofGas, reverts, mostGas, feeCapWei, baseFeePerGas, mostBytes } = rehearsal
  const bytes = (finalProof?.size ?? 0) + BYTES_BESIDE_PROOF
  if (bytes > mostBytes)
    return blocked('proof-too-large', `the proof's transaction has ${bytes} bytes, endpoints take ${mostBytes}`)
  if (reverts?.step === 'commit') return blocked('hash-reverts', `the hash would revert: ${reverts.why}`, again)
  const revert = blockedByRevertOfProof(view, block)
  if (revert !== null) return revert
  if (commitGas === null || proofGas === null) {
    return blocked(
      'gas-unknown',
      `no endpoint tells what gas ${commitGas === null ? 'the hash' : 'its proof'} takes`,
      again,
    )
  }
  const gas = BigInt(commitGas) > BigInt(proofGas) ? commitGas : proofGas
  const what = gas === commitGas ? 'the hash' : 'its proof'
  if (BigInt(gas) > BigInt(mostGas)) {
    return blocked(
      'gas-above-limit',
      `${what} takes ${gas} gas, and a transaction may have ${mostGas} (\`maxGas\`, or what blocks have)`,
      again,
    )
  }
  const neededWei = BigInt(gas) * BigInt(baseFeePerGas) * BASE_FEE_ROOM
  if (feeCapWei === null || neededWei <= BigInt(feeCapWei)) return null
  const why = `${what} may cost ${neededWei} wei at twice the base fee, and endpoints take no transaction above ${feeCapWei} wei`
  return blocked('fee-cap-low', `${why} (geth: --rpc.txfeecap)`, again)
}
