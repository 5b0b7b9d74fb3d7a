import { expect, test } from 'vitest'
import { CI_SEEDS, completed } from './ci-seeds.ts'
import { drawPlan } from './draw-plan.ts'
import { MILESTONES } from './milestones.ts'
import { namesIn, PLANNED_NAMES } from './plan.ts'

const PLANS = CI_SEEDS.map((seed) => drawPlan(seed))

test('the seeds of CI draw every fault, every rival, every habit, every milestone and a contract of 2023', () => {
  const drawn = PLANS.flatMap(namesIn)
  expect(PLANNED_NAMES.filter((name) => !drawn.includes(name))).toEqual([])
  expect(new Set(PLANS.flatMap(({ faults }) => faults.map(({ milestone }) => milestone)))).toEqual(new Set(MILESTONES))
})

test('two rollups share an account in one of them, and one sits through every block', () => {
  expect(PLANS.filter(({ sharesAccount }) => sharesAccount)).not.toEqual([])
  expect(PLANS.filter(({ skipsIdleBlocks }) => !skipsIdleBlocks)).not.toEqual([])
})

test('what none of the chosen seeds draws is met by one that is added, and nothing is added without need', () => {
  const added = completed([])
  expect(new Set(added.flatMap((seed) => namesIn(drawPlan(seed))))).toEqual(new Set(PLANNED_NAMES))
  expect(added.length).toBeLessThan(PLANNED_NAMES.length)
  expect(completed(added)).toEqual(added)
})

test('a name that no plan draws is told', () => {
  expect(() => completed([], ['reorg-sideways'])).toThrow('draws "reorg-sideways"')
})
