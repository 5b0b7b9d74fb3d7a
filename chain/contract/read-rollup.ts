import { type PublicClient, zeroHash } from 'viem'
import type { Address, BatchRange, Hex } from '../../protocol/base/ranges.ts'
import { twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints, Pin, StateReader } from '../endpoints/endpoints.ts'
import { createBlockMemo } from '../endpoints/memo.ts'
import type { Sightings } from '../endpoints/sightings.ts'
import { ChainMovedError } from '../errors.ts'
import { readEach } from './read-each.ts'

/** A sequence as it stands in a block's state. */
export interface PostedSequence extends BatchRange {
  accInputHash: Hex
}

/** How far a rollup is in a block's state. */
export interface Progress {
  lastVerifiedBatch: number
  lastBatchSequenced: number
}

/** Ends of sequences that are guessed at once, at most. */
const MOST_GUESSED = 256

/** The progress of a contract that isn't there yet. */
const NO_PROGRESS: Progress = { lastVerifiedBatch: 0, lastBatchSequenced: 0 }

/** Lists of sequences, remembered by block hash. */
export interface ListReader {
  /** Reads both counters of the contract; zeros where it isn't there yet. */
  progressAt(contract: Address, at: BlockRef): Promise<Progress>
  /** Lists the sequences that end above batch `floor`, lowest first. */
  listAt(contract: Address, at: BlockRef, floor: number): Promise<PostedSequence[]>
  /** Reads the list of a final block, so that later walks end where it ends. */
  rememberFinal(contract: Address, final: BlockRef, floor: number): Promise<Progress>
}

/** A list of a final block, and the floor it was read down to. */
interface FinalList {
  floor: number
  sequences: PostedSequence[]
}

/** Reads lists; keeps what only grows. */
export function createListReader(endpoints: Endpoints, sightings: Sightings): ListReader {
  const progresses = createBlockMemo<Progress>()
  const lists = createBlockMemo<PostedSequence[]>()
  const finals = new Map<Address, FinalList>()
  const progressAt = (contract: Address, at: BlockRef, from: StateReader = endpoints) =>
    progresses({ contract, at }, '', () =>
      sightings.orBefore(contract, at, NO_PROGRESS, () => readProgress(from, contract, at)),
    )
  const listAt = (contract: Address, at: BlockRef, floor: number, from: StateReader = endpoints) =>
    lists({ contract, at }, `${floor}`, async () => {
      const { lastBatchSequenced } = await progressAt(contract, at, from)
      const known = await standing(from, { contract, at, floor, lastBatchSequenced, list: finals.get(contract) })
      const walked = await walkDown(from, {
        contract,
        at,
        from: lastBatchSequenced,
        until: Math.max(floor, known.at(-1)?.to ?? 0),
      })
      return [...known, ...walked].filter((sequence) => sequence.to > floor)
    })
  return {
    progressAt: (contract, at) => progressAt(contract, at),
    listAt: (contract, at, floor) => listAt(contract, at, floor),
    async rememberFinal(contract, final, floor) {
      // A survey reads down to its floor, a replay further: what either has walked is kept.
      const lowest = Math.min(floor, finals.get(contract)?.floor ?? floor)
      const list: FinalList = { floor: lowest, sequences: await listAt(contract, final, lowest, endpoints.past) }
      if ((finals.get(contract)?.floor ?? lowest) >= lowest) finals.set(contract, list)
      return progressAt(contract, final, endpoints.past)
    },
  }
}

/**
 * Gives the remembered list, if it reaches down far enough and its end is still there: a reorg can be deeper than what
 * was called final.
 */
async function standing(
  endpoints: StateReader,
  p: { contract: Address; at: BlockRef; floor: number; lastBatchSequenced: number; list: FinalList | undefined },
): Promise<PostedSequence[]> {
  const end = p.list?.sequences.at(-1)
  if (p.list === undefined || end === undefined || p.list.floor > p.floor || end.to > p.lastBatchSequenced) return []
  const [posted] = await readPosted(endpoints, p.contract, p.at, [end.to])
  return posted?.accInputHash === end.accInputHash && posted.from === end.from ? p.list.sequences : []
}

/** Where a walk begins, and the batch at which it ends. */
interface Walk {
  contract: Address
  at: BlockRef
  from: number
  until: number
}

/**
 * Lists the sequences that end at `from` and below, down to `until`, lowest first: only the contract knows where a
 * sequence begins. As long as they are of one size, the ends below are guessed, and twice as many are asked for each
 * time.
 */
async function walkDown(endpoints: StateReader, p: Walk): Promise<PostedSequence[]> {
  const walked: PostedSequence[] = []
  let ends = [p.from]
  for (let to = p.from; to > p.until; ) {
    const found = await readPostedAt(endpoints, p, ends)
    const before = walked.length
    for (let posted = found.get(to); posted !== undefined && to > p.until; posted = found.get(to)) {
      walked.push(posted)
      to = posted.from - 1
    }
    if (walked.length === before)
      throw new ChainMovedError(`The contract has no sequence that ends with batch ${to}, though it counts that far.`)
    ends = likelyEnds({ to, until: p.until, last: walked.at(-1), count: 2 * (walked.length - before) })
  }
  return walked.reverse()
}

/** Guesses the next end, and those below it as if all sequences were as long as the last one. */
function likelyEnds(p: { to: number; until: number; last: BatchRange | undefined; count: number }): number[] {
  const batches = p.last === undefined ? p.to : p.last.to - p.last.from + 1
  const ends = Array.from({ length: Math.min(p.count, MOST_GUESSED) }, (_, i) => p.to - i * batches)
  return ends.filter((to) => to > p.until)
}

/**
 * Reads the sequences that end with these batches, by their ends; the first one alone where all can't be read together.
 */
async function readPostedAt(
  endpoints: StateReader,
  { contract, at }: Walk,
  ends: readonly number[],
): Promise<Map<number, PostedSequence>> {
  const read = (some: readonly number[]) => readPosted(endpoints, contract, at, some)
  const found = ends.length === 1 ? await read(ends) : await read(ends).catch(() => read(ends.slice(0, 1)))
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.to, one] as const])))
}

function readProgress(endpoints: StateReader, contract: Address, at: BlockRef): Promise<Progress> {
  return endpoints.agreeAt(at, 'lastVerifiedBatch and lastBatchSequenced', async (client, pin) => {
    const [verified, sequenced] = await Promise.all([
      client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'lastVerifiedBatch' }),
      client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'lastBatchSequenced' }),
    ])
    return { lastVerifiedBatch: Number(verified), lastBatchSequenced: Number(sequenced) }
  })
}

/** Reads what the contract has noted of sequences by their last batches, at one node; zeros where none ends. */
export const readNoted = (client: PublicClient, pin: Pin, contract: Address, lasts: readonly number[]) =>
  readEach(client, pin, {
    ...{ address: contract, abi: twoStepAbi, functionName: 'sequencedBatches' },
    argsOfEach: lasts.map((to) => [BigInt(to)] as const),
  })

/** What is noted of one. */
export type Noted = Awaited<ReturnType<typeof readNoted>>[number]

/** Gives the sequence that ends with batch `to`; undefined where none does. */
export function postedOf(to: number, noted: Noted | undefined): PostedSequence | undefined {
  if (noted === undefined) return undefined
  const [accInputHash, , previous] = noted
  return accInputHash === zeroHash || Number(previous) >= to
    ? undefined
    : { from: Number(previous) + 1, to, accInputHash }
}

/** Reads the sequences that end with these batches, in their order; undefined where none does. */
function readPosted(
  endpoints: StateReader,
  contract: Address,
  at: BlockRef,
  ends: readonly number[],
): Promise<(PostedSequence | undefined)[]> {
  const what = ends.length === 1 ? `the sequence that ends` : 'the sequences that end'
  return endpoints.agreeAt(at, `${what} with batch ${ends[0]}`, async (client, pin) => {
    const noted = await readNoted(client, pin, contract, ends)
    return ends.map((to, i) => postedOf(to, noted[i]))
  })
}
