import { zeroHash } from 'viem'
import type { Address, BatchRange, Hex } from '../../protocol/base/ranges.ts'
import { twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints, StateReader } from '../endpoints/endpoints.ts'
import { createMemo } from '../endpoints/memo.ts'
import type { Sightings } from '../endpoints/sightings.ts'
import { ChainMovedError } from '../errors.ts'

/** A sequence as it stands in a block's state. */
export interface PostedSequence extends BatchRange {
  accInputHash: Hex
}

/** How far a rollup is in a block's state. */
export interface Progress {
  lastVerifiedBatch: number
  lastBatchSequenced: number
}

/** Of a contract that isn't there yet. */
const NO_PROGRESS: Progress = { lastVerifiedBatch: 0, lastBatchSequenced: 0 }

/** Lists of sequences, remembered by block hash. */
export interface ListReader {
  /** Both counters of the contract; zeros where it isn't there yet. */
  progressAt(contract: Address, at: BlockRef): Promise<Progress>
  /** The sequences that end above batch `floor`, lowest first. */
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
  const progresses = createMemo<Progress>(1_000)
  const lists = createMemo<PostedSequence[]>(100)
  const finals = new Map<Address, FinalList>()
  const progressAt = (contract: Address, at: BlockRef, from: StateReader = endpoints) =>
    progresses(`${contract} ${at.hash}`, () =>
      sightings.orBefore(contract, at, NO_PROGRESS, () => readProgress(from, contract, at)),
    )
  const listAt = (contract: Address, at: BlockRef, floor: number, from: StateReader = endpoints) =>
    lists(`${contract} ${at.hash} ${floor}`, async () => {
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
 * The remembered list, if it reaches down far enough and its end is still there: a reorg can be deeper than what was
 * called final.
 */
async function standing(
  endpoints: StateReader,
  p: { contract: Address; at: BlockRef; floor: number; lastBatchSequenced: number; list: FinalList | undefined },
): Promise<PostedSequence[]> {
  const end = p.list?.sequences.at(-1)
  if (p.list === undefined || end === undefined || p.list.floor > p.floor || end.to > p.lastBatchSequenced) return []
  const posted = await readPosted(endpoints, p.contract, p.at, end.to)
  return posted?.accInputHash === end.accInputHash && posted.from === end.from ? p.list.sequences : []
}

/**
 * The sequences that end at `from` and below, down to `until`, lowest first: only the contract knows where a sequence
 * begins.
 */
async function walkDown(
  endpoints: StateReader,
  p: { contract: Address; at: BlockRef; from: number; until: number },
): Promise<PostedSequence[]> {
  const walked: PostedSequence[] = []
  for (let to = p.from; to > p.until; to = (walked.at(-1)?.from ?? 1) - 1) {
    const posted = await readPosted(endpoints, p.contract, p.at, to)
    if (posted === undefined)
      throw new ChainMovedError(`The contract has no sequence that ends with batch ${to}, though it counts that far.`)
    walked.push(posted)
  }
  return walked.reverse()
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

/** What the contract has noted of the sequence that ends with a batch; zeros where none does. */
export const readSequenced = (endpoints: StateReader, contract: Address, at: BlockRef, to: number) =>
  endpoints.agreeAt(at, `the sequence that ends with batch ${to}`, (client, pin) =>
    client.readContract({
      ...pin,
      address: contract,
      abi: twoStepAbi,
      functionName: 'sequencedBatches',
      args: [BigInt(to)],
    }),
  )

async function readPosted(
  endpoints: StateReader,
  contract: Address,
  at: BlockRef,
  to: number,
): Promise<PostedSequence | undefined> {
  const [accInputHash, , previous] = await readSequenced(endpoints, contract, at, to)
  return accInputHash === zeroHash || Number(previous) >= to
    ? undefined
    : { from: Number(previous) + 1, to, accInputHash }
}
