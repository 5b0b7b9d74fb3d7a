import { type PublicClient, zeroHash } from 'viem'
import { type Address, type BatchRange, type Hex, initNumBatch } from '../../protocol/base/ranges.ts'
import type { OnChain, OwnCommitment, RoundView } from '../../protocol/sequence/view.ts'
import { rewardsAbi, roundsAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Pin, StateReader } from '../endpoints/endpoints.ts'
import type { Generation } from './read-generation.ts'

/** What is asked about one sequence. */
export interface OnChainQuestion {
  contract: Address
  range: BatchRange
  miner: Address
  at: BlockRef
}

/** Also what a commitment in the round locks, wei; null where none is locked or no round is open. */
export type OnChainWithPenalty = OnChain & { penaltyWei: bigint | null }

/** A sequence that isn't posted. */
export const NOTHING: OnChainWithPenalty = {
  accInputHash: null,
  isVerified: false,
  round: null,
  own: null,
  penaltyWei: null,
}

/** The sequence as it stands after block `at`. @throws NoContractError where the contract isn't there. */
export function readOnChain(
  endpoints: StateReader,
  generation: Generation,
  p: OnChainQuestion,
): Promise<OnChainWithPenalty> {
  return endpoints.agreeAt(p.at, `batches ${p.range.from}-${p.range.to}`, async (client, pin) => {
    const read = generation === 'rounds' ? readRounds : readGlobals
    const [posted, lastVerified, state] = await Promise.all([
      readPosted(client, pin, p.contract, p.range),
      client.readContract({ ...pin, address: p.contract, abi: twoStepAbi, functionName: 'lastVerifiedBatch' }),
      read(client, pin, p),
    ])
    return posted === null
      ? NOTHING
      : { accInputHash: posted, isVerified: lastVerified >= BigInt(p.range.to), ...state }
  })
}

/** Accumulated input hash of exactly this range; null when no sequence with these two ends is posted. */
async function readPosted(client: PublicClient, pin: Pin, contract: Address, range: BatchRange): Promise<Hex | null> {
  const [accInputHash, , previous] = await client.readContract({
    ...pin,
    address: contract,
    abi: twoStepAbi,
    functionName: 'sequencedBatches',
    args: [BigInt(range.to)],
  })
  return accInputHash === zeroHash || previous !== BigInt(initNumBatch(range)) ? null : accInputHash
}

type RoundState = Pick<OnChainWithPenalty, 'round' | 'own' | 'penaltyWei'>

async function readRounds(
  client: PublicClient,
  pin: Pin,
  { contract, range, miner }: OnChainQuestion,
): Promise<RoundState> {
  const to = BigInt(range.to)
  const [round, own] = await Promise.all([
    client.readContract({ ...pin, address: contract, abi: roundsAbi, functionName: 'getRound', args: [to] }),
    client.readContract({
      ...pin,
      address: contract,
      abi: roundsAbi,
      functionName: 'getCommitment',
      args: [to, miner],
    }),
  ])
  return {
    round: fromRound(round),
    own:
      own.proofHash === zeroHash
        ? null
        : {
            proofHash: own.proofHash,
            roundStartBlock: Number(own.roundStartBlock),
            isProved: own.isProved,
            isSettled: own.isSettled,
            lockedWei: `${own.lockedStake}`,
            rewardWei: `${own.isProved && !own.isSettled ? await readReward(client, pin, contract, to) : 0}`,
          },
    penaltyWei: round.startBlock === 0n ? null : round.penalty,
  }
}

/** What the contract has set aside for the sequence, wei: for all whose proofs it accepts. */
export async function readReward(
  client: PublicClient,
  pin: Pin,
  contract: Address,
  finalNewBatch: bigint,
): Promise<bigint> {
  const address = await client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'slotAdapter' })
  const from = { ...pin, address, abi: rewardsAbi } as const
  const { amount } = await client.readContract({ ...from, functionName: 'getSequenceReward', args: [finalNewBatch] })
  return amount
}

function fromRound(round: {
  startBlock: bigint
  commitBlocks: bigint
  proveBlocks: bigint
  isVerified: boolean
  lateProofDeadlineBlock: bigint
}): RoundView | null {
  if (round.startBlock === 0n) return null
  return {
    startBlock: Number(round.startBlock),
    commitBlocks: Number(round.commitBlocks),
    proveBlocks: Number(round.proveBlocks),
    isVerified: round.isVerified,
    lateProofDeadlineBlock: round.isVerified ? Number(round.lateProofDeadlineBlock) : null,
  }
}

/**
 * T1 and T2 are globals that hold for open rounds, too (docs/protocol.md#rounds-and-windows-of-2023): read anew each
 * time.
 */
async function readGlobals(
  client: PublicClient,
  pin: Pin,
  { contract, range, miner }: OnChainQuestion,
): Promise<RoundState> {
  const to = BigInt(range.to)
  const at = { ...pin, address: contract, abi: twoStepAbi } as const
  const [sequenced, committed, commitBlocks, proveBlocks] = await Promise.all([
    client.readContract({ ...at, functionName: 'sequencedBatches', args: [to] }),
    client.readContract({ ...at, functionName: 'proverCommitProofHash', args: [to, miner] }),
    client.readContract({ ...at, functionName: 'proofHashCommitEpoch' }),
    client.readContract({ ...at, functionName: 'proofCommitEpoch' }),
  ])
  const [, , , startBlock, isVerified] = sequenced
  const round =
    startBlock === 0n
      ? null
      : { startBlock: Number(startBlock), commitBlocks, proveBlocks, isVerified, lateProofDeadlineBlock: null }
  return { round, own: fromCommitted(committed), penaltyWei: null }
}

function fromCommitted([proofHash, roundStartBlock, isProved]: readonly [Hex, bigint, boolean]): OwnCommitment | null {
  return proofHash === zeroHash
    ? null
    : { proofHash, roundStartBlock: Number(roundStartBlock), isProved, isSettled: false }
}
