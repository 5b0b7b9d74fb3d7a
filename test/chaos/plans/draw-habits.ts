import fc from 'fast-check'
import { type EndpointHabit, HABITS, type HabitName } from './habits.ts'

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
