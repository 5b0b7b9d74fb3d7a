import { type PublicClient, zeroHash } from 'viem'
import type { Address, BatchRange, Hex } from '../../protocol/base/ranges.ts'
import type { OnChain, OwnCommitment, RoundView } from '../../protocol/sequence/view.ts'
import { rewardsAbi, roundsAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Pin, StateReader } from '../endpoints/endpoints.ts'
import type { Generation } from './read-deployment.ts'
import { readEach } from './read-each.ts'
import { type Noted, postedOf, readNoted } from './read-rollup.ts'

/** What is asked about sequences: their contract, whose hashes, and in which block's state. */
export interface StatesQuestion {
  contract: Address
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

/**
 * Reads the sequences as they stand after block `at`, in their order.
 * @throws NoContractError where the contract isn't there.
 */
export function readOnChain(
  endpoints: StateReader,
  generation: Generation,
  { ranges, ...p }: StatesQuestion & { ranges: readonly BatchRange[] },
): Promise<OnChainWithPenalty[]> {
  const [first] = ranges
  const what = ranges.length === 1 && first ? `batches ${first.from}-${first.to}` : `${ranges.length} sequences`
  return endpoints.agreeAt(p.at, what, async (client, pin) => {
    const from = { client, pin, contract: p.contract, miner: p.miner, lasts: ranges.map(({ to }) => BigInt(to)) }
    const noting = readNoted(
      client,
      pin,
      p.contract,
      ranges.map(({ to }) => to),
    )
    const [noted, lastVerified, states] = await Promise.all([
      noting,
      client.readContract({ ...pin, address: p.contract, abi: twoStepAbi, functionName: 'lastVerifiedBatch' }),
      generation === 'rounds' ? readRounds(from) : readGlobals(from, noting),
    ])
    return ranges.map((range, i) => {
      const posted = postedOf(range.to, noted[i])
      const state = states[i]
      return posted?.from !== range.from || state === undefined
        ? NOTHING
        : { accInputHash: posted.accInputHash, isVerified: lastVerified >= BigInt(range.to), ...state }
    })
  })
}

/** Sequences by their last batches, at one node. */
interface Asked {
  client: PublicClient
  pin: Pin
  contract: Address
  miner: Address
  lasts: readonly bigint[]
}

type RoundState = Pick<OnChainWithPenalty, 'round' | 'own' | 'penaltyWei'>

async function readRounds(asked: Asked): Promise<RoundState[]> {
  const { client, pin, contract, miner, lasts } = asked
  const at = { address: contract, abi: roundsAbi } as const
  const [rounds, commitments] = await Promise.all([
    readEach(client, pin, { ...at, functionName: 'getRound', argsOfEach: lasts.map((to) => [to] as const) }),
    readEach(client, pin, {
      ...{ ...at, functionName: 'getCommitment' },
      argsOfEach: lasts.map((to) => [to, miner] as const),
    }),
  ])
  const unsettled = lasts.filter((_, i) => commitments[i]?.isProved && !commitments[i]?.isSettled)
  const rewards = await readRewards({ client, pin, contract, lasts: unsettled })
  return lasts.flatMap((to, i) => {
    const [round, own] = [rounds[i], commitments[i]]
    if (round === undefined || own === undefined) return []
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
              rewardWei: `${rewards.get(to) ?? 0n}`,
            },
      penaltyWei: round.startBlock === 0n ? null : round.penalty,
    }
  })
}

/** Reads what the contract has set aside for the sequence, wei: for all whose proofs it accepts. */
export async function readReward(client: PublicClient, pin: Pin, contract: Address, last: bigint): Promise<bigint> {
  return (await readRewards({ client, pin, contract, lasts: [last] })).get(last) ?? 0n
}

async function readRewards({ client, pin, contract, lasts }: Omit<Asked, 'miner'>): Promise<Map<bigint, bigint>> {
  if (lasts.length === 0) return new Map()
  const address = await client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'slotAdapter' })
  const rewards = await readEach(client, pin, {
    ...{ address, abi: rewardsAbi, functionName: 'getSequenceReward' },
    argsOfEach: lasts.map((to) => [to] as const),
  })
  return new Map(lasts.map((to, i) => [to, rewards[i]?.amount ?? 0n]))
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
 * Reads T1 and T2 anew each time: they are globals that hold for open rounds, too
 * (docs/protocol.md#rounds-and-windows-of-2023).
 */
async function readGlobals(asked: Asked, noting: Promise<Noted[]>): Promise<RoundState[]> {
  const { client, pin, contract, miner, lasts } = asked
  const at = { address: contract, abi: twoStepAbi } as const
  const [sequenced, committed, commitBlocks, proveBlocks] = await Promise.all([
    noting,
    readEach(client, pin, {
      ...{ ...at, functionName: 'proverCommitProofHash' },
      argsOfEach: lasts.map((to) => [to, miner] as const),
    }),
    client.readContract({ ...pin, ...at, functionName: 'proofHashCommitEpoch' }),
    client.readContract({ ...pin, ...at, functionName: 'proofCommitEpoch' }),
  ])
  return sequenced.map(([, , , startBlock, isVerified], i) => {
    const round =
      startBlock === 0n
        ? null
        : { startBlock: Number(startBlock), commitBlocks, proveBlocks, isVerified, lateProofDeadlineBlock: null }
    return { round, own: fromCommitted(committed[i]), penaltyWei: null }
  })
}

function fromCommitted(committed: readonly [Hex, bigint, boolean] | undefined): OwnCommitment | null {
  if (committed === undefined) return null
  const [proofHash, roundStartBlock, isProved] = committed
  return proofHash === zeroHash
    ? null
    : { proofHash, roundStartBlock: Number(roundStartBlock), isProved, isSettled: false }
}
