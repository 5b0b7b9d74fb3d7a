import fc from 'fast-check'
import { createPublicClient, http, parseTransaction } from 'viem'
import {
  balances,
  capsFees,
  type Habit,
  hangsOnNumbers,
  indexes,
  limitsBatches,
  limitsLogs,
  losesAnId,
  readsByNumber,
  refuses,
  runsAhead,
} from '../../support/rpc/rpc-front.ts'

/**
 * Habits of honest nodes and providers that a seed's endpoints have for the whole run. No plan excuses anything by
 * them: what they refuse is to be had in another way.
 */
export const HABIT_NAMES = [
  'logs-of-10-blocks',
  'logs-of-2-results',
  'batches-of-3',
  'no-batches',
  'batches-lose-an-id',
  'blocks-by-number',
  'blocks-by-latest',
  'fees-capped',
  'indexing',
  'no-fee-history',
  'two-behind-one',
  'liar-ahead-hangs',
] as const
export type HabitName = (typeof HABIT_NAMES)[number]

/** Of a group an endpoint has one habit at most: they contradict each other. */
const GROUPS: readonly (readonly HabitName[])[] = [
  ['logs-of-10-blocks', 'logs-of-2-results'],
  ['batches-of-3', 'no-batches', 'batches-lose-an-id'],
  ['blocks-by-number', 'blocks-by-latest'],
  ['fees-capped'],
  ['indexing'],
  ['no-fee-history'],
  ['two-behind-one'],
  ['liar-ahead-hangs'],
]

/** One endpoint of three has it, the one that lies. */
export const LIAR_HABITS: readonly HabitName[] = ['liar-ahead-hangs']

/** So that plans stay what they were before there were habits, these are drawn by themselves. */
const SEED_OFFSET = 1_000_003

/** The habits of a seed; the same for ever. Half of the seeds have none. @param only names to draw from. */
export function drawHabits(seed: number, only: readonly string[]): HabitName[] {
  const groups = GROUPS.map((group) => group.filter((name) => only.includes(name))).filter((group) => group.length > 0)
  const isChosen = groups.flat().length < HABIT_NAMES.length // somebody asks for these
  const one = groups.map((group) =>
    fc.constantFrom<HabitName | null>(...group, ...(isChosen ? [] : [null, null, null])),
  )
  const [drawn] = fc.sample(fc.noBias(fc.tuple(fc.boolean(), fc.tuple(...one))), {
    seed: seed + SEED_OFFSET,
    numRuns: 1,
  })
  const [hasAny, names] = drawn ?? [false, []]
  return hasAny || isChosen ? names.flatMap((name) => name ?? []) : []
}

/** So low that it is met when the market climbs, and so high that a transaction lands again as soon as that is over. */
const FEE_CAP_WEI = 15n * 10n ** 14n

/** What an endpoint with the habit does. @param target address of the real node. */
export function habitOf(name: HabitName, target: string): Habit {
  switch (name) {
    case 'logs-of-10-blocks':
      return limitsLogs({ blocks: 10, code: -32600 })
    case 'logs-of-2-results':
      return limitsLogs({ results: 2 })
    case 'batches-of-3':
      return limitsBatches(3)
    case 'no-batches':
      return limitsBatches(1, 'status')
    case 'batches-lose-an-id':
      return losesAnId
    case 'blocks-by-number':
      return readsByNumber(-32000)
    case 'blocks-by-latest':
      return readsByNumber('latest')
    case 'fees-capped':
      return capsFees(FEE_CAP_WEI, costOf)
    case 'indexing':
      return indexes
    case 'no-fee-history':
      return refuses(-32601, 'eth_feeHistory')
    case 'two-behind-one':
      return balances(1, headOf(target))
    case 'liar-ahead-hangs':
      return together(runsAhead(1), hangsOnNumbers)
  }
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
