import { createPublicClient, type Hex, http, parseTransaction } from 'viem'
import {
  balances,
  finalizes,
  hangsOnNumbers,
  readsByNumber,
  runsAhead,
  withoutFinalized,
} from '../../support/rpc/block-habits.ts'
import { asksForTips, capsFees, limitsBatches, limitsLogs, losesAnId } from '../../support/rpc/provider-habits.ts'
import { indexes, receiptsOfPending, receiptsWithout } from '../../support/rpc/receipt-habits.ts'
import { changes, type Habit, hangsOn, inStretches, refuses } from '../../support/rpc/rpc-front.ts'
import { named } from './named.ts'

/** Something that an endpoint does all the time. */
export interface EndpointHabit<Name extends string = string> {
  readonly name: Name
  /** What every endpoint with it does, in a phrase. */
  readonly what: string
  /** Plans of lower seeds don't draw it, and stay what they were before it came. */
  readonly drawnFrom: number
  /** Of a group an endpoint has one habit at most: they contradict each other. @default a group of its own */
  readonly group?: string
  /** One endpoint of three has it, the one that lies. */
  readonly isLiar?: true
  /** It is met only where the miner asks for the tag `finalized`, so it does. */
  readonly asksForTag?: true
  /** Only what it does about this method shows that it was met. @default whatever it does */
  readonly metBy?: string
  of(played: Played): Habit
}

/** The node that a front stands before, and what of the plan says how it is played. */
export interface Played {
  /** Address of the real node. */
  target: string
  seed: number
  finalityBlocks: number
}

const defineHabit = <Name extends string>(one: EndpointHabit<Name>): EndpointHabit<Name> => one

/** From that seed on plans have some, and from these on more. */
const FIRST_SEED = 10_000
const SEED_OF_MORE = 50_000

/**
 * A cap so low that it is met when the market climbs, and so high that a transaction lands again as soon as that is
 * over.
 */
const FEE_CAP_WEI = 15n * 10n ** 14n

/** A pool's least tip, and what blocks are said to have taken, wei per gas. */
const LEAST_TIP_WEI = 10n ** 9n
const PAID_TIP_WEI = 10n ** 7n

/** Codes that nodes refuse the tag `finalized` with, and a block that is named by its hash beside -32000. */
const NO_FINALIZED_CODES = [-39001, -32000, -32602]
const BY_HASH_CODES = [-32601, -32602, -32603]

/** There is no final block for so long of each period, ms, or nothing would ever end. */
const NO_FINALIZED_MS = { ms: 20_000, ofMs: 30_000 }

/**
 * Habits of honest nodes and providers that a seed's endpoints have for the whole run. No plan excuses anything by
 * them: what they refuse is to be had in another way. Plans draw them by their places, so a new one comes last, with a
 * seed that no plan had before.
 */
export const HABITS = [
  defineHabit({
    name: 'logs-of-10-blocks',
    what: 'refuses longer ranges of logs',
    ...{ drawnFrom: FIRST_SEED, group: 'logs' },
    of: () => limitsLogs({ blocks: 10, code: -32600 }),
  }),
  defineHabit({
    name: 'logs-of-2-results',
    what: 'refuses longer lists of logs',
    ...{ drawnFrom: FIRST_SEED, group: 'logs' },
    of: () => limitsLogs({ results: 2 }),
  }),
  defineHabit({
    name: 'batches-of-3',
    what: 'refuses longer batches of calls',
    ...{ drawnFrom: FIRST_SEED, group: 'batches' },
    of: () => limitsBatches(3),
  }),
  defineHabit({
    name: 'no-batches',
    what: 'refuses any batch of calls',
    ...{ drawnFrom: FIRST_SEED, group: 'batches' },
    of: () => limitsBatches(1, 'status'),
  }),
  defineHabit({
    name: 'batches-lose-an-id',
    what: 'answers one call of each batch without its id',
    ...{ drawnFrom: FIRST_SEED, group: 'batches' },
    of: () => losesAnId,
  }),
  defineHabit({
    name: 'blocks-by-number',
    what: 'refuses a block that is named by its hash',
    ...{ drawnFrom: FIRST_SEED, group: 'blocks' },
    of: () => readsByNumber(-32000),
  }),
  defineHabit({
    name: 'blocks-by-latest',
    what: 'reads the newest state for a block that is named by its hash, without a word',
    ...{ drawnFrom: FIRST_SEED, group: 'blocks' },
    of: () => readsByNumber('latest'),
  }),
  defineHabit({
    name: 'fees-capped',
    what: "refuses transactions that may cost more than a sum, as geth's `--rpc.txfeecap` does",
    drawnFrom: FIRST_SEED,
    of: () => capsFees(FEE_CAP_WEI, costOf),
  }),
  defineHabit({
    name: 'indexing',
    what: 'answers "indexing is in progress" for a receipt that it doesn\'t find',
    ...{ drawnFrom: FIRST_SEED, group: 'receipts' },
    of: () => indexes,
  }),
  defineHabit({
    name: 'no-fee-history',
    what: "doesn't know `eth_feeHistory`",
    ...{ drawnFrom: FIRST_SEED, group: 'fee-history' },
    of: () => refuses(-32601, 'eth_feeHistory'),
  }),
  defineHabit({
    name: 'two-behind-one',
    what: 'is two nodes that take turns, one of them a block behind',
    drawnFrom: FIRST_SEED,
    of: ({ target }) => balances(1, headOf(target)),
  }),
  defineHabit({
    name: 'liar-ahead-hangs',
    what: "of three endpoints the first one's newest block is one that nobody has, and it never answers by number",
    ...{ drawnFrom: FIRST_SEED, isLiar: true },
    of: () => together(runsAhead(1), hangsOnNumbers),
  }),
  defineHabit({
    name: 'blocks-by-number-coded',
    what: 'refuses a block that is named by its hash with -32601, -32602 or -32603, as the seed says',
    ...{ drawnFrom: SEED_OF_MORE, group: 'blocks' },
    of: ({ seed }) => readsByNumber(oneOf(BY_HASH_CODES, seed)),
  }),
  defineHabit({
    name: 'pending-receipts',
    what: 'has a receipt of success without a block for what waits in its pool',
    ...{ drawnFrom: SEED_OF_MORE, group: 'receipts' },
    of: ({ target }) => receiptsOfPending(isKnownTo(target)),
  }),
  defineHabit({
    name: 'receipts-without-price',
    what: 'has receipts without `effectiveGasPrice`',
    drawnFrom: SEED_OF_MORE,
    of: () => receiptsWithout('effectiveGasPrice'),
  }),
  defineHabit({
    name: 'fee-history-of-nulls',
    what: 'has null for base fees and rewards in `eth_feeHistory`',
    ...{ drawnFrom: SEED_OF_MORE, group: 'fee-history' },
    of: () => changes(withNulls, 'eth_feeHistory'),
  }),
  defineHabit({
    name: 'tips-from-a-floor',
    what: 'refuses tips below what it suggests itself, which is far above what `eth_feeHistory` says',
    ...{ drawnFrom: SEED_OF_MORE, group: 'fee-history', metBy: 'eth_sendRawTransaction' },
    of: () => asksForTips({ leastWei: LEAST_TIP_WEI, paidWei: PAID_TIP_WEI, tipOf }),
  }),
  defineHabit({
    name: 'finalized-null',
    what: 'answers `finalized` by null, 20 s of each 30 s',
    ...{ drawnFrom: SEED_OF_MORE, group: 'finalized', asksForTag: true },
    of: () => inStretches(withoutFinalized(null), NO_FINALIZED_MS),
  }),
  defineHabit({
    name: 'finalized-refused',
    what: 'refuses `finalized` with -39001, -32000 or -32602, as the seed says, 20 s of each 30 s',
    ...{ drawnFrom: SEED_OF_MORE, group: 'finalized', asksForTag: true },
    of: ({ seed }) => inStretches(withoutFinalized(oneOf(NO_FINALIZED_CODES, seed)), NO_FINALIZED_MS),
  }),
  defineHabit({
    name: 'hangs-on-logs',
    what: 'of three endpoints the first one never answers `eth_getLogs`',
    ...{ drawnFrom: SEED_OF_MORE, group: 'hangs', isLiar: true },
    of: () => hangsOn('eth_getLogs'),
  }),
  defineHabit({
    name: 'hangs-on-receipts',
    what: 'of three endpoints the first one never answers `eth_getTransactionReceipt`',
    ...{ drawnFrom: SEED_OF_MORE, group: 'hangs', isLiar: true },
    of: () => hangsOn('eth_getTransactionReceipt'),
  }),
  defineHabit({
    name: 'hangs-on-trials',
    what: 'of three endpoints the first one never answers `eth_simulateV1` and `eth_estimateGas`',
    ...{ drawnFrom: SEED_OF_MORE, group: 'hangs', isLiar: true },
    of: () => hangsOn('eth_simulateV1', 'eth_estimateGas'),
  }),
] as const
export type HabitName = (typeof HABITS)[number]['name']

export const HABIT_NAMES: readonly HabitName[] = HABITS.map(({ name }) => name)

/** Finds the habit that has the name. */
export const habitOf = (name: HabitName): EndpointHabit<HabitName> => named<EndpointHabit<HabitName>>(HABITS, name)

/** Tells whether one endpoint of three has it, the one that lies. */
export const isLiar = (name: HabitName): boolean => habitOf(name).isLiar ?? false

/** Tells whether the miner asks nodes what they call finalized, because a habit is about that. */
export const asksForTag = (habits: readonly HabitName[]): boolean => habits.some((name) => habitOf(name).asksForTag)

/** Makes what every endpoint does whatever its habits: no reorg of the plan reaches what it calls finalized. */
export const finalizesAsPlanned = ({ target, finalityBlocks }: Played): Habit =>
  finalizes(finalityBlocks, headOf(target))

function costOf(raw: Hex): bigint {
  const { gas = 0n, maxFeePerGas, gasPrice } = parseTransaction(raw)
  return gas * (maxFeePerGas ?? gasPrice ?? 0n)
}

function tipOf(raw: Hex): bigint {
  const { maxPriorityFeePerGas, gasPrice } = parseTransaction(raw)
  return maxPriorityFeePerGas ?? gasPrice ?? 0n
}

const withNulls = (history: { baseFeePerGas: unknown[] }) => ({
  ...history,
  baseFeePerGas: history.baseFeePerGas.map(() => null),
  reward: null,
})

function oneOf(codes: readonly number[], seed: number): number {
  const code = codes[seed % codes.length]
  if (code === undefined) throw new Error('unreachable: there are codes')
  return code
}

function isKnownTo(target: string): (hash: Hex) => Promise<boolean> {
  const client = createPublicClient({ transport: http(target) })
  return (hash) =>
    client.getTransaction({ hash }).then(
      () => true,
      () => false,
    )
}

function headOf(target: string): () => Promise<number> {
  const client = createPublicClient({ transport: http(target), cacheTime: 0 })
  return async () => Number(await client.getBlockNumber())
}

const together = (...habits: readonly Habit[]): Habit => ({
  call: (call, request) => {
    for (const habit of habits) {
      const fault = habit.call?.(call, request)
      if (fault !== undefined) return fault
    }
    return undefined
  },
})
