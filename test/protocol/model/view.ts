/** What the view's reader would answer about a modelled chain. */
import { parseEther } from 'viem'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { type IntentStep, stepId } from '../../../protocol/sender/intent.ts'
import { reckonLiabilities } from '../../../protocol/sender/liabilities.ts'
import type { OnChain, OwnCommitment, RoundView, SequenceView } from '../../../protocol/sequence/view.ts'
import { COST, MIN_STAKE, type ModelChain, type ModelSequence, PENALTY, rulesOf } from './contract.ts'
import type { World } from './world.ts'

export function viewOfModel(world: World, index: number, chain: ModelChain): SequenceView {
  const sequence = chain.sequences[index] as ModelSequence
  const final = world.history[world.finalBlock] as ModelChain
  const expected = world.loops[index]?.expected ?? '0x'
  return {
    head: { number: chain.number, hash: '0x' },
    expectedAccInputHash: expected,
    sequencedAtBlock: sequence.postedAt,
    atHead: onChain(chain, sequence),
    atFinal: onChain(final, final.sequences[index] as ModelSequence),
    finalBlock: world.finalBlock,
    isContractPaused: chain.isPaused,
    nextRound: { commitBlocks: chain.t1, proveBlocks: chain.t2 },
    hasClaims: chain.variant === 'strict',
    finalProof: storedProof(world, chain, expected),
    predecessors: predecessors(world, index, chain),
    unfinalCommit: world.isCommitUnfinal(index),
    owedLateProofs: chain.sequences.flatMap((s, i) =>
      i !== index && !world.cancelled.has(i) && owesLate(world, chain, s) ? [{ from: i + 1, to: i + 1 }] : [],
    ),
    funds: funds(world, index, chain),
    limits: world.setting.limits,
    holds: {
      paused: world.isPausedByOperator ? 'by the model' : null,
      cancelled: world.cancelled.has(index) ? 'by the model' : null,
      quarantined: null,
    },
  }
}

function onChain(chain: ModelChain, sequence: ModelSequence): OnChain {
  return {
    accInputHash: sequence.data,
    isVerified: sequence.isVerified,
    round: roundView(chain, sequence),
    own: ownView(sequence),
  }
}

function roundView(chain: ModelChain, { round, isVerified }: ModelSequence): RoundView | null {
  if (round === null) return null
  const { t1, t2 } = rulesOf(chain, round)
  return {
    startBlock: round.start,
    commitBlocks: t1,
    proveBlocks: t2,
    isVerified,
    lateProofDeadlineBlock: round.lateDeadline,
  }
}

function ownView({ commitments: { us } }: ModelSequence): OwnCommitment | null {
  if (us === null) return null
  return {
    proofHash: us.hash,
    roundStartBlock: us.round,
    isProved: us.isProved,
    isSettled: us.isSettled,
    lockedWei: inCoins(us.lock),
  }
}

function storedProof(world: World, chain: ModelChain, data: Hex): SequenceView['finalProof'] {
  const proof = world.proofs.get(data)
  if (proof === undefined || proof.from > chain.number) return null
  return { sha256: '0x', size: 1, proofHash: proof.hash, isInBothStores: true, isAcceptedByContract: true }
}

function predecessors(world: World, index: number, chain: ModelChain): SequenceView['predecessors'] {
  return chain.sequences.slice(0, index).flatMap((sequence, i) => {
    if (sequence.isVerified) return []
    const round = roundView(chain, sequence)
    const isOwn = round !== null && sequence.commitments.us?.round === round.startBlock
    const isLive = round !== null && chain.number < round.startBlock + round.commitBlocks + round.proveBlocks
    return [
      {
        from: i + 1,
        to: i + 1,
        ownLiveRound: isOwn && isLive ? round : null,
        isOwnProofStored: fits(world, chain, sequence),
      },
    ]
  })
}

function owesLate(world: World, chain: ModelChain, sequence: ModelSequence): boolean {
  const { us } = sequence.commitments
  const isOwed = sequence.isVerified && us !== null && us.round === sequence.round?.start && !us.isProved
  return (
    isOwed && chain.number < (sequence.round?.lateDeadline ?? Number.POSITIVE_INFINITY) && fits(world, chain, sequence)
  )
}

/** Tells whether the proof that our hash commits to is stored. */
const fits = (world: World, chain: ModelChain, { data, commitments: { us } }: ModelSequence): boolean =>
  data !== null && us !== null && storedProof(world, chain, data)?.proofHash === us.hash

const funds = (world: World, index: number, chain: ModelChain): SequenceView['funds'] => ({
  stakeWei: inCoins(chain.stake),
  lockedWei: inCoins(chain.locked),
  minStakeWei: inCoins(MIN_STAKE),
  penaltyWei: inCoins(PENALTY),
  balanceWei: `${world.balance(chain)}`,
  reserveWei: `${COST.commit + COST.prove}`,
  liabilities: liabilities(world, index, chain),
  claimableWei: `${chain.claimable}`,
})

/** Reckons as the reader of liabilities does: hashes from the chain, transactions from what was signed. */
function liabilities(world: World, index: number, chain: ModelChain): SequenceView['funds']['liabilities'] {
  const hashes = chain.sequences.map((sequence, i) => {
    return { ...keyOf(i), atHead: onChain(chain, sequence), unfinalCommit: world.isCommitUnfinal(i) }
  })
  const mostWei = (step: IntentStep) => BigInt(step === 'commit' || step === 'prove' ? COST[step] : 0)
  const signed = world.attempts.map(({ kind, index, data, block }, nonce) => {
    const call = { contract: '0x', finalProof: null, firstBlock: 0, lastBlock: null } as const
    return {
      nonce,
      intent: { ...keyOf(index), ...call, step: kind, accInputHash: data },
      mostWei: mostWei(kind),
      isMined: block !== null,
    }
  })
  const head = { number: chain.number, hash: '0x' } as const
  return reckonLiabilities({ head, hashes, signed, mostWei, except: stepId(keyOf(index), 'commit') })
}

/** Writes stake in wei: the model counts it in coins, as a contract of 2023 does. */
const inCoins = (amount: number): string => `${parseEther(`${amount}`)}`

const keyOf = (index: number) => ({ rollup: 'pay', from: index + 1, to: index + 1 })
