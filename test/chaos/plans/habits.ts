import fc from 'fast-check'
import { createPublicClient, http, parseTransaction } from 'viem'
import { balances, hangsOnNumbers, readsByNumber, runsAhead } from '../../support/rpc/block-habits.ts'
import { capsFees, indexes, limitsBatches, limitsLogs, losesAnId } from '../../support/rpc/provider-habits.ts'
import { type Habit, refuses } from '../../support/rpc/rpc-front.ts'
import { named } from './named.ts'

/** Something that an endpoint does all the time. */
interface EndpointHabit<Name extends string = string> {
  readonly name: Name
  /** What every endpoint with it does, in a phrase. */
  readonly what: string
  /** Plans of lower seeds don't draw it, and stay what they were before it came. */
  readonly drawnFrom: number
  /** Of a group an endpoint has one habit at most: they contradict each other. @default a group of its own */
  readonly group?: string
  /** One endpoint of three has it, the one that lies. */
  readonly isLiar?: true
  /** Makes the habit. @param target address of the real node. */
  of(target: string): Habit
}

const defineHabit = <Name extends string>(one: EndpointHabit<Name>): EndpointHabit<Name> => one

/** From that seed on plans have some. */
const FIRST_SEED = 10_000

/**
 * A cap so low that it is met when the market climbs, and so high that a transaction lands again as soon as that is
 * over.
 */
const FEE_CAP_WEI = 15n * 10n ** 14n

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
    drawnFrom: FIRST_SEED,
    of: () => indexes,
  }),
  defineHabit({
    name: 'no-fee-history',
    what: "doesn't know `eth_feeHistory`",
    drawnFrom: FIRST_SEED,
    of: () => refuses(-32601, 'eth_feeHistory'),
  }),
  defineHabit({
    name: 'two-behind-one',
    what: 'is two nodes that take turns, one of them a block behind',
    drawnFrom: FIRST_SEED,
    of: (target) => balances(1, headOf(target)),
  }),
  defineHabit({
    name: 'liar-ahead-hangs',
    what: "of three endpoints the first one's newest block is one that nobody has, and it never answers by number",
    ...{ drawnFrom: FIRST_SEED, isLiar: true },
    of: () => together(runsAhead(1), hangsOnNumbers),
  }),
] as const
export type HabitName = (typeof HABITS)[number]['name']

export const HABIT_NAMES: readonly HabitName[] = HABITS.map(({ name }) => name)

/** Makes the habit that has the name. @param target address of the real node. */
export const habitOf = (name: HabitName, target: string): Habit => named<EndpointHabit>(HABITS, name).of(target)

/** Tells whether one endpoint of three has it, the one that lies. */
export const isLiar = (name: HabitName): boolean => named<EndpointHabit>(HABITS, name).isLiar ?? false

/** So that plans stay what they were before there were habits, these are drawn by themselves. */
const SEED_OFFSET = 1_000_003

/**
 * Draws the habits of a seed, which are the same for ever. Half of the seeds have none.
 * @param only names to draw from.
 * @param isAsked somebody asks for these: those are then drawn in every plan, unless all are meant.
 */
export function drawHabits(seed: number, only: readonly string[], isAsked: boolean): HabitName[] {
  const known = HABITS.filter(({ name }) => only.includes(name))
  const groups = [...Map.groupBy(known, ({ name, group = name }: EndpointHabit<HabitName>) => group).values()]
  const isChosen = isAsked && known.length < HABITS.length
  const one = groups.map((group) =>
    fc.constantFrom<HabitName | null>(...group.map(({ name }) => name), ...(isChosen ? [] : [null, null, null])),
  )
  const [drawn] = fc.sample(fc.noBias(fc.tuple(fc.boolean(), fc.tuple(...one))), {
    seed: seed + SEED_OFFSET,
    numRuns: 1,
  })
  const [hasAny, names] = drawn ?? [false, []]
  return hasAny || isChosen ? names.flatMap((name) => name ?? []) : []
}

function costOf(raw: `0x${string}`): bigint {
  const { gas = 0n, maxFeePerGas, gasPrice } = parseTransaction(raw)
  return gas * (maxFeePerGas ?? gasPrice ?? 0n)
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
