import { type PublicClient, parseAbi } from 'viem'
import { keccak256, numberToHex, slice } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { BlockRef, Pin, StateReader } from '../endpoints/endpoints.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { inABatchOfItsOwn } from '../endpoints/stragglers.ts'
import { ContractRevertedError, NoContractError } from '../errors.ts'

/**
 * Where chains of the OP stack tell what a transaction pays besides its gas: for its data on the chain below, and since
 * Isthmus to the chain's operator. Sources: ethereum-optimism/specs, fjord/predeploys and isthmus/predeploys.
 */
const ORACLE = '0x420000000000000000000000000000000000000F'
const oracleAbi = parseAbi([
  'function getL1Fee(bytes) view returns (uint256)',
  'function getOperatorFee(uint256 gasUsed) view returns (uint256)',
])

/**
 * No cap of ours bounds the data fee: the base fee of the chain below quadruples in twelve full blocks of it, which are
 * 2.4 minutes.
 */
const DATA_MARGIN = 4n

/** What is known is asked again after this time, ms. */
const ASK_AGAIN_MS = 10_000

/** A chain without such fees is asked again after this time, ms: one odd answer isn't believed until a restart. */
const ASK_AGAIN_WITHOUT_MS = 600_000

/** How long it is waited for, ms: what is owed doesn't wait for it. */
const MOST_MS = 1_000

/** Sizes in bytes, and amounts of gas, at which the fees are asked: in between and beyond they grow evenly. */
const BYTES = [256, 20_480] as const
const GAS = [0, 10_000_000] as const

/** What a chain charges for a transaction besides its gas. */
export interface DataFees {
  /** Asks the chain how dear they are, from time to time. Never throws. */
  refresh(at: BlockRef): Promise<void>
  /**
   * Says what a transaction may cost besides its gas, wei; 0 where the chain charges nothing, or hasn't told it yet.
   */
  mostWei(transaction: { gas: bigint; bytes: number }): bigint
}

/** An amount that grows evenly: its value at two places. */
interface Line {
  at: readonly [number, number]
  wei: readonly [bigint, bigint]
}

interface Fees {
  data: Line | null
  operator: Line | null
}

export function createDataFees(endpoints: StateReader): DataFees {
  let known: Fees | null = null
  let askAtMs = 0
  let asked: Promise<void> | undefined

  async function ask(at: BlockRef): Promise<void> {
    askAtMs = performance.now() + ASK_AGAIN_MS
    const fees = await orUnknown(
      inABatchOfItsOwn(() => readFees(endpoints, at)),
      MOST_MS,
    )
    if (fees === null) return
    const isWithout = fees.data === null && fees.operator === null
    if (!isWithout)
      // A chain that charges for either doesn't stop to, whatever one answer says.
      known = { data: fees.data ?? known?.data ?? null, operator: fees.operator ?? known?.operator ?? null }
    else if (known === null) askAtMs = performance.now() + ASK_AGAIN_WITHOUT_MS
  }

  return {
    async refresh(at) {
      if (asked === undefined && performance.now() < askAtMs) return
      asked ??= ask(at).finally(() => (asked = undefined)) // whoever comes meanwhile waits, too: he may send a hash
      await asked
    },
    mostWei: ({ gas, bytes }) => DATA_MARGIN * onLine(known?.data, BigInt(bytes)) + onLine(known?.operator, gas),
  }
}

async function readFees(endpoints: StateReader, at: BlockRef): Promise<Fees> {
  const [data, operator] = await Promise.all([
    readLine(endpoints, at, { what: 'the fee for data', at: BYTES, ask: askDataFee }),
    readLine(endpoints, at, { what: "the operator's fee", at: GAS, ask: askOperatorFee }),
  ])
  return { data, operator }
}

/** Reads a fee at two places; null where the chain has no such fee. */
async function readLine(
  endpoints: StateReader,
  block: BlockRef,
  {
    what,
    at,
    ask,
  }: { what: string; at: Line['at']; ask: (client: PublicClient, pin: Pin, place: number) => Promise<bigint> },
): Promise<Line | null> {
  try {
    const wei = await endpoints.agreeAt(block, what, (client, pin) =>
      Promise.all([ask(client, pin, at[0]), ask(client, pin, at[1])]),
    )
    return { at, wei }
  } catch (error) {
    if (error instanceof NoContractError || error instanceof ContractRevertedError) return null
    throw error
  }
}

const askDataFee = (client: PublicClient, pin: Pin, bytes: number): Promise<bigint> =>
  client.readContract({ ...pin, address: ORACLE, abi: oracleAbi, functionName: 'getL1Fee', args: [denseBytes(bytes)] })

const askOperatorFee = (client: PublicClient, pin: Pin, gas: number): Promise<bigint> =>
  client.readContract({ ...pin, address: ORACLE, abi: oracleAbi, functionName: 'getOperatorFee', args: [BigInt(gas)] })

/** Makes bytes that don't compress, as those of a proof don't: chains charge by the compressed size. */
function denseBytes(bytes: number): Hex {
  const words = Array.from({ length: Math.ceil(bytes / 32) }, (_, i) => keccak256(numberToHex(i)).slice(2))
  return slice(`0x${words.join('')}`, 0, bytes)
}

function onLine(line: Line | null | undefined, place: bigint): bigint {
  if (!line) return 0n
  const [from, to] = [BigInt(line.at[0]), BigInt(line.at[1])]
  const [low, high] = line.wei
  const wei = low + ((high - low) * (place - from)) / (to - from)
  return wei > 0n ? wei : 0n
}
