import { type Hex, parseAbiItem } from 'viem'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import { twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { createMemo } from '../endpoints/memo.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { readLogs } from '../endpoints/read-logs.ts'

/**
 * Code that answers the block number that contracts see: NUMBER, then MSTORE and RETURN of one word. It is carried out,
 * not deployed.
 */
const TELL_NUMBER = '0x4360005260206000f3'

/** A node that carries it out for the next block says one more. */
const TOLERATED_BLOCKS = 1

const roundOpened = parseAbiItem(
  'event RoundOpened(uint64 indexed finalNewBatch, uint64 startBlock, uint64 commitBlocks, uint64 proveBlocks, uint256 penalty)',
)
const submitProofHash = parseAbiItem(
  'event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash)',
)

/** Tells how the numbers of blocks differ that contracts see and that nodes give. */
export interface BlockNumbers {
  /**
   * Tells by how many blocks a contract's `block.number` is above the number that the nodes give the same block; 0
   * where they are the same, null where it can't be known yet. On Arbitrum contracts see the blocks of the chain below,
   * so no window of T1 and T2 could be kept.
   */
  shiftAt(contract: Address, head: BlockRef): Promise<number | null>
}

/**
 * What a transaction saw comes first: what nodes tell a call isn't always the same. Where there was none yet, a call
 * tells.
 * @param rangeBlocks how far back events are looked for.
 */
export function createBlockNumbers(endpoints: Endpoints, rangeBlocks: number): BlockNumbers {
  const shifts = createMemo<number | null>(64)
  let isSame = false // a chain doesn't change this

  async function readShift(contract: Address, head: BlockRef): Promise<number | null> {
    const stored =
      (await known(readOfRound(endpoints, contract, head, rangeBlocks))) ??
      (await known(readOfHash(endpoints, contract, head, rangeBlocks)))
    if (stored !== null) return toShift(stored)
    const seen = await known(readNumber(endpoints, head))
    return seen === null ? null : toShift(seen - head.number)
  }

  return {
    async shiftAt(contract, head) {
      if (isSame) return 0
      const shift = await shifts(`${contract} ${head.hash}`, () => readShift(contract, head))
      isSame = shift === 0
      return shift
    },
  }
}

const toShift = (blocks: number): number => (Math.abs(blocks) <= TOLERATED_BLOCKS ? 0 : blocks)

/** Answers null also where a node refuses for good: that is an answer less, not an error. */
async function known<T>(read: Promise<T | null>): Promise<T | null> {
  return orUnknown(
    read.catch((error) => {
      if (error instanceof FatalError) return null
      throw error
    }),
  )
}

function readNumber(endpoints: Endpoints, at: BlockRef): Promise<number | null> {
  return endpoints.agreeAt(at, 'the block number of contracts', async (client, pin) => {
    const { data } = await client.call({ ...pin, data: TELL_NUMBER })
    return isWord(data) ? Number(data) : null
  })
}

/**
 * Compares by the newest round of our contract: the event has the block that the contract saw, its log the one of the
 * nodes.
 */
async function readOfRound(
  endpoints: Endpoints,
  contract: Address,
  head: BlockRef,
  rangeBlocks: number,
): Promise<number | null> {
  const shifts = await readLogs(endpoints, {
    what: 'logs of RoundOpened',
    ...rangeBelow(head, rangeBlocks),
    read: async (client, range) => {
      const logs = await client.getLogs({ address: contract, event: roundOpened, strict: true, ...range })
      return logs.map(({ args, blockNumber }) => Number(args.startBlock - blockNumber))
    },
  })
  return shifts.at(-1) ?? null
}

/** Compares by the newest hash at a contract of 2023, which stores the block that it saw. */
async function readOfHash(
  endpoints: Endpoints,
  contract: Address,
  head: BlockRef,
  rangeBlocks: number,
): Promise<number | null> {
  const hashes = await readLogs(endpoints, {
    what: 'logs of SubmitProofHash',
    ...rangeBelow(head, rangeBlocks),
    read: async (client, range) => {
      const logs = await client.getLogs({ address: contract, event: submitProofHash, strict: true, ...range })
      return logs.map(({ args, blockNumber }) => ({
        batch: args.finalNewBatch,
        miner: args._prover,
        block: Number(blockNumber),
      }))
    },
  })
  const newest = hashes.at(-1)
  if (newest === undefined) return null
  const args = [newest.batch, newest.miner] as const
  const [, stored] = await endpoints.agreeAt(head, 'the newest hash', (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'proverCommitProofHash', args }),
  )
  return stored === 0n ? null : Number(stored) - newest.block
}

const rangeBelow = (head: BlockRef, blocks: number) => ({
  from: Math.max(0, head.number - blocks + 1),
  to: head.number,
  head,
})

const isWord = (data: Hex | undefined): data is Hex =>
  data !== undefined && /^0x[0-9a-f]{64}$/.test(data) && BigInt(data) <= BigInt(Number.MAX_SAFE_INTEGER)
