import { expect, test } from 'vitest'
import { FAULT_NAMES } from '../faults/index.ts'
import { drawPlanFor } from '../nodes/plan-for.ts'
import { FIRST_SEED_OF_2023, FIRST_SEED_OF_A_QUARTER, OF_2023 } from './contract-of-2023.ts'
import { describePlan } from './describe-plan.ts'
import { drawPlan, longestRound } from './draw-plan.ts'
import { HABIT_NAMES, isLiar } from './habits.ts'
import { NEWEST_SEED, namesIn, PLANNED_NAMES, type Plan, reorgDepth, UNFIT_FOR_2023 } from './plan.ts'
import { BLOCK_MS } from './windows.ts'

const SEEDS = Array.from({ length: 300 }, (_, i) => i)

test('a seed draws the same plan again', () => {
  for (const seed of SEEDS.slice(0, 20)) expect(drawPlan(seed)).toEqual(drawPlan(seed))
})

test('a seed that was drawn before a fault came draws what it drew then', () => {
  const faults = drawPlan(208).faults.map(({ name, milestone, afterMs, forMs }) => [name, milestone, afterMs, forMs])
  expect(faults).toEqual([['reorg-loses', 'proof-sent', 106, 6_996]])
  expect(SEEDS.flatMap((seed) => drawPlan(seed).faults.map(({ name }) => name))).not.toContain('aggregator-hangs-asked')
  expect(SEEDS.flatMap((seed) => drawPlan(seed).habits)).toEqual([])
})

test('300 seeds draw every fault, every rival, every habit and a contract of 2023', () => {
  const drawn = SEEDS.flatMap((seed) => namesIn(drawPlan(NEWEST_SEED + seed)))
  expect(PLANNED_NAMES.filter((name) => !drawn.includes(name))).toEqual([])
})

test('most faults strike when a sequence is being proved or our hash is out', () => {
  const milestones = SEEDS.flatMap((seed) => drawPlan(seed).faults.map(({ milestone }) => milestone))
  const busy = milestones.filter((one) => one === 'proving' || one === 'committed' || one === 'proof-sent')
  expect(busy.length).toBeGreaterThan(milestones.length / 2)
})

test('a fault waits for a sequence that the plan posts, and a reorg reaches what it waited for', () => {
  for (const { sequences, faults } of SEEDS.map((seed) => drawPlan(seed))) {
    expect(faults.filter((fault) => sequences[fault.sequence] === undefined)).toEqual([])
    const reorgs = faults.filter((fault) => reorgDepth(fault) > 0)
    expect(reorgs.filter((fault) => fault.afterMs >= reorgDepth(fault) * BLOCK_MS)).toEqual([])
  }
})

test('reorgs replace from one block to all of a round, of changed windows too', () => {
  const depths = (only: string[]) => SEEDS.flatMap((seed) => drawPlan(seed, only).faults).map(reorgDepth)
  const drawn = depths(['reorg', 'reorg-deep', 'reorg-deepest'])
  const tens = Array.from({ length: 19 }, (_, i) => i)
  expect(tens.filter((ten) => !drawn.some((depth) => Math.floor(depth / 10) === ten))).toEqual([])
  expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([1, 188])
  expect(Math.max(...depths(['reorg-deepest', 'windows-changed']))).toBe(212)
})

test('two rollups share an account in half of the plans', () => {
  const isShared = SEEDS.map((seed) => drawPlan(seed)).map(
    ({ rollups, sharesAccount }) => rollups === 2 && sharesAccount,
  )
  expect(isShared.filter(Boolean).length).toBeGreaterThan(SEEDS.length / 5)
})

test('a few plans sit through every block', () => {
  const sitting = SEEDS.filter((seed) => !drawPlan(seed).skipsIdleBlocks)
  expect(sitting.length).toBeGreaterThan(0)
  expect(sitting.length).toBeLessThan(SEEDS.length / 10)
})

test('only what is asked for is drawn', () => {
  const plans = SEEDS.map((seed) => drawPlan(seed, ['reorg', 'rival-copies']))
  expect(new Set(plans.flatMap(({ faults }) => faults.map(({ name }) => name)))).toEqual(new Set(['reorg']))
  expect(new Set(plans.flatMap(({ rivals }) => rivals.map(({ name }) => name)))).toEqual(new Set(['rival-copies']))
})

test('half of the plans have endpoints with habits, and those change nothing else in them but how many endpoints there are', () => {
  const seeds = SEEDS.map((seed) => NEWEST_SEED + seed)
  const ofOurs = PLANNED_NAMES.filter((name) => name !== OF_2023)
  const plans = seeds.map((seed) => drawPlan(seed, ofOurs))
  const withHabits = plans.filter(({ habits }) => habits.length > 0)
  expect(withHabits.length).toBeGreaterThan(SEEDS.length / 3)
  expect(withHabits.length).toBeLessThan((SEEDS.length * 2) / 3)
  const rest = ({ habits: _, endpoints: __, ...plan }: Plan) => plan
  const without = ofOurs.filter((name) => !HABIT_NAMES.some((habit) => habit === name))
  expect(plans.map(rest)).toEqual(seeds.map((seed) => rest(drawPlan(seed, without))))
})

test('habits that are asked for are drawn in every plan', () => {
  for (const seed of SEEDS.slice(0, 20)) expect(drawPlan(seed, ['reorg', 'indexing']).habits).toEqual(['indexing'])
  expect(drawPlan(0, ['reorg']).habits).toEqual([])
})

test('all plans from its first seed on have a rollup of 2023, later ones a quarter, and none before', () => {
  const count = (first: number) =>
    SEEDS.filter((seed) => namesIn(drawPlanFor('anvil', first + seed)).includes(OF_2023)).length
  expect([count(0), count(10_000), count(FIRST_SEED_OF_2023 - SEEDS.length)]).toEqual([0, 0, 0])
  expect([count(FIRST_SEED_OF_2023), count(FIRST_SEED_OF_A_QUARTER - SEEDS.length)]).toEqual([
    SEEDS.length,
    SEEDS.length,
  ])
  expect(count(FIRST_SEED_OF_A_QUARTER)).toBeGreaterThan(SEEDS.length / 6)
  expect(count(FIRST_SEED_OF_A_QUARTER)).toBeLessThan(SEEDS.length / 3)
})

test('a rollup of 2023 changes nothing else in a plan but what has no meaning beside it', () => {
  const seeds = SEEDS.map((seed) => FIRST_SEED_OF_2023 + seed)
  const names = PLANNED_NAMES.filter((name) => !HABIT_NAMES.some((habit) => habit === name))
  const fit = names.filter((name) => !UNFIT_FOR_2023.includes(name))
  const rest = ({ of2023: _, ...plan }: Plan) => plan
  const asked = seeds.map((seed) => drawPlan(seed, names))
  expect(asked.map(rest)).toEqual(
    seeds.map((seed) =>
      rest(
        drawPlan(
          seed,
          fit.filter((name) => name !== OF_2023),
        ),
      ),
    ),
  )
  expect(asked.filter(({ rollups, of2023 }) => !of2023?.length || of2023.some((one) => one >= rollups))).toEqual([])
  expect(new Set(asked.map(({ rollups, of2023 }) => `${of2023} of ${rollups}`))).toEqual(
    new Set(['0 of 1', '0 of 2', '1 of 2', '0,1 of 2']),
  )
})

test.each([
  {
    why: 'a liar by habit is one of three',
    only: PLANNED_NAMES.filter((name) => name !== OF_2023),
    holds: ({ habits, endpoints }: Plan) => endpoints === 3 || !habits.some(isLiar),
  },
  {
    why: 'one store at a time is emptied, or both when the chain allows it',
    only: ['temporal-emptied', 'postgres-emptied', 'stores-emptied'],
    holds: ({ faults }: Plan) => {
      return new Set(faults.map(({ name }) => name).filter((name) => name !== 'stores-emptied')).size <= 1
    },
  },
  {
    why: 'of three endpoints one lies, always the same',
    only: ['rpc-forked', 'rpc-turns-receipts'],
    holds: ({ faults, endpoints }: Plan) => endpoints === 3 && faults.every(({ victim }) => victim === 0),
  },
  {
    why: 'no reorg replaces a final block',
    only: FAULT_NAMES,
    holds: ({ faults, finalityBlocks }: Plan) => faults.every((fault) => reorgDepth(fault) < finalityBlocks),
  },
  {
    why: 'no reorg replaces more than a round',
    only: ['reorg-deepest', 'windows-changed'],
    holds: ({ faults }: Plan) => faults.every((fault) => reorgDepth(fault) <= longestRound(faults)),
  },
])('$why', ({ only, holds }) => {
  for (const seed of SEEDS) expect(drawPlan(seed, only), describePlan(drawPlan(seed, only)).join('\n')).toSatisfy(holds)
})
