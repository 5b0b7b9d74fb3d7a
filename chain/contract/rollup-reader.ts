import type { Address, BatchRange } from '../../protocol/base/ranges.ts'
import { owesProof } from '../../protocol/sequence/next-step.ts'
import type { OnChain } from '../../protocol/sequence/view.ts'
import type { AgreedBlock, BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { createBlockMemo, createMemo } from '../endpoints/memo.ts'
import { orUnknown, orUnknownAt } from '../endpoints/pruned-state.ts'
import { createSightings } from '../endpoints/sightings.ts'
import { EXPECTED_FINAL_PROOF_BYTES } from '../trials/gas.ts'
import type { BlockNumbers } from './block-numbers.ts'
import { createSequencingFinder, type Sequencing } from './find-sequencing.ts'
import { type Generation, readGeneration } from './read-deployment.ts'
import { type KeptStake, readClaimable, readIsPaused, readStake, readTerms, type Terms } from './read-funds.ts'
import { readReward } from './read-on-chain.ts'
import { createListReader, type PostedSequence, type Progress } from './read-rollup.ts'
import {
  type OwedLateProof,
  type SequenceOnChain,
  type SequenceQuestion,
  toFunds,
  toPredecessor,
  withoutPenalty,
} from './read-sequence.ts'
import { createStates, type StateQuestion } from './sequence-states.ts'

/** How long a contract is taken for one of 2023 before it is asked again, ms. */
const GENERATION_MS = 60_000

/** A rollup as a whole. */
export interface RollupOnChain extends Progress {
  head: BlockRef
  /** Null while it isn't known. */
  final: BlockRef | null
  /** Batches verified on the final block; null while too few endpoints tell. */
  finalVerifiedBatch: number | null
  /** They come lowest first. `isDeep` tells that one was posted at least the asked number of blocks below the head. */
  sequences: (PostedSequence & { isDeep: boolean })[]
}

/** In which block's state. */
export interface At {
  at: BlockRef
  /** Honest nodes may keep the block's state no more, so one that refuses is not to be thought ill of. */
  isPast?: boolean
}

/** Whose hashes are asked for, and above which batch. */
export interface OwnHashesQuestion {
  contract: Address
  miner: Address
  at: BlockRef
  floor: number
}

/** A sequence in which a hash of the miner stands. */
type OwnHash = BatchRange & { atHead: OnChain }

/** Reads of rollup contracts, sharing what they have read at one block among the sequences that ask. */
export interface RollupReader {
  readSequence(p: SequenceQuestion): Promise<SequenceOnChain>
  readOnChain(p: StateQuestion): Promise<OnChain>
  readStake(p: { contract: Address; miner: Address } & At): Promise<(KeptStake & { reserveWei: string }) | undefined>
  readClaimable(p: { contract: Address; miner: Address } & At): Promise<bigint | undefined>
  readReward(p: { contract: Address; to: number } & At): Promise<bigint | undefined>
  isPaused(p: { contract: Address; at: BlockRef }): Promise<boolean>
  readOwnHashes(p: OwnHashesQuestion): Promise<OwnHash[]>
  readLastVerified(p: { contract: Address; at: BlockRef }): Promise<number>
  readGeneration(p: { contract: Address }): Promise<Generation>
  readRollup(p: { contract: Address; floor: number; confirmations: number }): Promise<RollupOnChain>
  findSequencing(p: {
    contract: Address
    range: BatchRange
    at: BlockRef
    from: number
  }): Promise<Sequencing | undefined>
}

/** @param deps.reserveWei what commit and proof may cost together for a proof of that many bytes. */
export function createRollupReader(deps: {
  endpoints: Endpoints
  agreedBlocks(): Promise<{ head: AgreedBlock; final: AgreedBlock | null }>
  blockNumbers: BlockNumbers
  reserveWei(contract: Address, finalProofBytes: number): bigint
}): RollupReader {
  const { endpoints, agreedBlocks } = deps
  const sightings = createSightings()
  const lists = createListReader(endpoints, sightings)
  const generations = createMemo<Generation>(1_000)
  const ofRounds = new Set<Address>()
  const ownHashes = createBlockMemo<OwnHash[]>()
  const terms = createBlockMemo<Terms>()
  const stakes = createBlockMemo<KeptStake>()
  const claimables = createBlockMemo<bigint>()
  const pauses = createBlockMemo<boolean>()
  const sequencings = createSequencingFinder(endpoints)

  /**
   * Asks at the head, and before anything else is asked, so that it is known where the contract has been seen. That it
   * is one of 2023 is asked again: some nodes call it a revert when they can't carry out a call.
   */
  const generationOf = async (contract: Address): Promise<Generation> => {
    if (ofRounds.has(contract)) return 'rounds'
    return generations(`${contract} ${Math.floor(performance.now() / GENERATION_MS)}`, async () => {
      const head = await endpoints.agreedTip('latest')
      const generation = await readGeneration(endpoints, contract, head)
      sightings.add(contract, head)
      if (generation === 'rounds') ofRounds.add(contract)
      return generation
    })
  }
  const readerOf = ({ isPast }: Pick<At, 'isPast'>) => (isPast ? endpoints.past : endpoints)
  const stateAt = createStates({ readerOf, sightings })

  async function readPredecessors(generation: Generation, { contract, range, miner }: SequenceQuestion, at: BlockRef) {
    const { lastVerifiedBatch } = await lists.progressAt(contract, at)
    if (lastVerifiedBatch >= range.from - 1) return []
    const unverified = await lists.listAt(contract, at, lastVerifiedBatch)
    const before = unverified.filter((sequence) => sequence.to < range.from)
    return Promise.all(
      before.map(async (one) => toPredecessor(one, await stateAt(generation, { contract, range: one, miner, at }), at)),
    )
  }

  /**
   * Lists the sequences in whose round our hash stands unproved, though somebody else's proof was accepted. At our
   * contract nothing that owes a proof itself waits for them, and mustn't wait until a long history has been walked, of
   * which an emptied database knows no end.
   */
  async function readOwedLate(
    generation: Generation,
    { contract, range, miner, floor }: SequenceQuestion,
    at: BlockRef,
  ) {
    if (
      generation === 'rounds' &&
      owesProof({ head: at, atHead: await stateAt(generation, { contract, range, miner, at }) })
    )
      return []
    const { lastVerifiedBatch } = await lists.progressAt(contract, at)
    if (floor === undefined || lastVerifiedBatch <= floor) return []
    const listed = await lists.listAt(contract, at, floor)
    const others = listed.filter(({ to }) => to <= lastVerifiedBatch && to !== range.to)
    const owed = await Promise.all(
      others.map(async (one): Promise<OwedLateProof[]> => {
        const atHead = await stateAt(generation, { contract, range: one, miner, at })
        return atHead.own !== null && owesProof({ head: at, atHead })
          ? [{ ...one, proofHash: atHead.own.proofHash, atHead }]
          : []
      }),
    )
    return owed.flat()
  }

  /** Reads all of them, because every look and every pass at a head asks for all. */
  async function readOwnHashes({ contract, miner, at, floor }: OwnHashesQuestion): Promise<OwnHash[]> {
    const generation = await generationOf(contract)
    const listed = await lists.listAt(contract, at, floor)
    const all = await Promise.all(
      listed.map(async ({ from, to }) => {
        const range = { from, to }
        return { ...range, atHead: withoutPenalty(await stateAt(generation, { contract, range, miner, at })) }
      }),
    )
    return all.filter(({ atHead }) => atHead.own !== null)
  }

  return {
    async readSequence(p) {
      const { contract, range, miner } = p
      const { head, final } = await agreedBlocks()
      const generation = await generationOf(contract)
      const [atHead, atFinal, asked, predecessors, owedLate, sequencedAtBlock, blockShift] = await Promise.all([
        stateAt(generation, { contract, range, miner, at: head }),
        orUnknownAt(final, (at) => stateAt(generation, { contract, range, miner, at, isPast: true })),
        terms({ contract, at: head }, miner, () => readTerms(endpoints, generation, { contract, miner, at: head })),
        readPredecessors(generation, p, head),
        readOwedLate(generation, p, head),
        // what is owed doesn't need it
        orUnknown(sequencings.findBlock({ contract, range, at: head, from: p.deployedAtBlock ?? 0 })),
        deps.blockNumbers.shiftAt(contract, head),
      ])
      return {
        head: toRef(head),
        final: final && toRef(final),
        atHead: withoutPenalty(atHead),
        atFinal: atFinal && withoutPenalty(atFinal),
        sequencedAtBlock: sequencedAtBlock ?? null,
        isContractPaused: asked.isContractPaused,
        nextRound: asked.nextRound,
        hasClaims: generation === 'rounds',
        ...(blockShift !== null && blockShift !== 0 && { blockShift }),
        funds: toFunds(asked, atHead, head, deps.reserveWei(contract, p.finalProofBytes)),
        predecessors,
        owedLate,
      }
    },
    async readStake(p) {
      if ((await generationOf(p.contract)) !== 'rounds') return undefined
      const before = { deposit: p.contract, stakeWei: '0', lockedWei: '0', balanceWei: '0' }
      const stake = await stakes(p, p.miner, () =>
        sightings.orBefore(p.contract, p.at, before, () => readStake(readerOf(p), p)),
      )
      return { ...stake, reserveWei: `${deps.reserveWei(p.contract, EXPECTED_FINAL_PROOF_BYTES)}` }
    },
    isPaused: (p) => pauses(p, '', () => readIsPaused(endpoints, p.contract, p.at)),
    readOwnHashes: (p) => ownHashes(p, `${p.miner} ${p.floor}`, () => readOwnHashes(p)),
    async readLastVerified({ contract, at }) {
      await generationOf(contract)
      return (await lists.progressAt(contract, at)).lastVerifiedBatch
    },
    readGeneration: ({ contract }) => generationOf(contract),
    async readClaimable(p) {
      if ((await generationOf(p.contract)) !== 'rounds') return undefined
      return claimables(p, p.miner, () => sightings.orBefore(p.contract, p.at, 0n, () => readClaimable(readerOf(p), p)))
    },
    async readReward({ contract, to, at }) {
      if ((await generationOf(contract)) !== 'rounds') return undefined
      return endpoints.agreeAt(at, 'the reward', (client, pin) => readReward(client, pin, contract, BigInt(to)))
    },
    readOnChain: async (p) => withoutPenalty(await stateAt(await generationOf(p.contract), p)),
    async readRollup({ contract, floor, confirmations }) {
      const { head, final } = await agreedBlocks()
      await generationOf(contract) // a wrong address is an error, not an empty rollup
      const deep = await endpoints.blockNear(Math.max(0, head.number - confirmations))
      const deepEnd = deep ? (await lists.progressAt(contract, deep)).lastBatchSequenced : 0
      const atFinal = await orUnknownAt(final, (at) => lists.rememberFinal(contract, at, floor))
      const sequences = await lists.listAt(contract, head, floor)
      return {
        ...(await lists.progressAt(contract, head)),
        finalVerifiedBatch: atFinal?.lastVerifiedBatch ?? null,
        head: toRef(head),
        final: final && toRef(final),
        sequences: sequences.map((sequence) => ({ ...sequence, isDeep: sequence.to <= deepEnd })),
      }
    },
    findSequencing: sequencings.find,
  }
}

const toRef = ({ number, hash }: BlockRef): BlockRef => ({ number, hash })
