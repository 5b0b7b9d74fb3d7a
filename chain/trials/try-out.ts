import type { Endpoints } from '../endpoints/endpoints.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { type DryOutcome, type DryRun, dryRun, type Tried } from './dry-run.ts'

const NOTHING: DryOutcome = { now: { kind: 'unknown' }, later: { kind: 'unknown' }, fork: undefined }

/**
 * Above what a call used it is tried first with a tenth more: of what a call is given, its sub-calls can't have the
 * last 64th (EIP-150).
 */
const SPARE = { numerator: 11n, denominator: 10n }

/** What was too little is raised by a quarter, so many times at most: to six times what was used. */
const RAISE = { numerator: 5n, denominator: 4n }
const MOST_RAISES = 8

const WHICH = ['now', 'later'] as const

/**
 * Carries out calls without sending them, and then under gas limits near what they used. A call may have to be given
 * more: where a fork charges for state (EIP-8037), a slot that a call fills and empties again is charged first and
 * given back before it ends, and no node counts that in what was used.
 * @returns nothing known where endpoints can't tell: that keeps no proof from being sent.
 */
export async function tryOut(endpoints: Endpoints, run: DryRun): Promise<DryOutcome> {
  const ask = async (asked: DryRun) => (await orUnknown(dryRun(endpoints, asked))) ?? NOTHING
  const free = await ask(run)
  const limits = { now: spareOf(free.now), later: spareOf(free.later) }
  const tried = { ...free }
  if (limits.now === undefined) return free
  for (let raises = 0; raises < MOST_RAISES; raises += 1) {
    const limited = await ask({ ...run, limits })
    // It ran a moment ago, in the same state. A later call runs after the first one only.
    const short = WHICH.find((which) => limits[which] !== undefined && limited[which].kind === 'reverts')
    if (short === undefined) break
    const gas = scaled(limits[short] ?? 0n, RAISE)
    limits[short] = gas
    tried[short] = { kind: 'runs', gas }
  }
  return tried
}

const spareOf = (tried: Tried): bigint | undefined => (tried.kind === 'runs' ? scaled(tried.gas, SPARE) : undefined)

const scaled = (gas: bigint, { numerator, denominator }: typeof SPARE): bigint => (gas * numerator) / denominator
