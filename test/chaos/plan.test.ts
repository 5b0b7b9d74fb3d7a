import { expect, test } from 'vitest'
import { CI_SEEDS } from './ci-seeds.ts'
import { FAULTS } from './faults/index.ts'
import { describePlan, drawPlan, FAULT_NAMES, MILESTONES, RIVAL_NAMES, reorgDepth } from './plan.ts'
import { BLOCK_MS, longestRound } from './windows.ts'

const SEEDS = Array.from({ length: 300 }, (_, i) => i)

/** From this seed on every fault is drawn. */
const NEWEST = 10_000

test('a seed draws the same plan again', () => {
  for (const seed of SEEDS.slice(0, 20)) expect(drawPlan(seed)).toEqual(drawPlan(seed))
})

test('a seed that was drawn before a fault came draws what it drew then', () => {
  const faults = drawPlan(208).faults.map(({ name, milestone, afterMs, forMs }) => [name, milestone, afterMs, forMs])
  expect(faults).toEqual([['reorg-loses', 'proof-sent', 106, 6_996]])
  expect(SEEDS.flatMap((seed) => drawPlan(seed).faults.map(({ name }) => name))).not.toContain('aggregator-hangs-asked')
})

test('every fault that has a name does something', () => {
  for (const name of FAULT_NAMES) expect(FAULTS[name].name).toBe(name)
})

test('300 seeds draw every fault and every rival', () => {
  const plans = SEEDS.map((seed) => drawPlan(NEWEST + seed))
  const drawn = plans.flatMap(({ faults, rivals }) => [...faults, ...rivals]).map(({ name }) => name)
  expect([...FAULT_NAMES, ...RIVAL_NAMES].filter((name) => !drawn.includes(name))).toEqual([])
})

test('the seeds of CI draw every fault, every rival and every milestone', () => {
  const plans = CI_SEEDS.map((seed) => drawPlan(seed))
  const drawn = plans.flatMap(({ faults, rivals }) => [...faults, ...rivals]).map(({ name }) => name)
  expect([...FAULT_NAMES, ...RIVAL_NAMES].filter((name) => !drawn.includes(name))).toEqual([])
  expect(new Set(plans.flatMap(({ faults }) => faults.map(({ milestone }) => milestone)))).toEqual(new Set(MILESTONES))
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

test('two rollups share an account in half of the plans, and in one of CI at least', () => {
  const isShared = SEEDS.map((seed) => drawPlan(seed)).map(({ rollups, sharesAccount }) => rollups === 2 && sharesAccount)
  expect(isShared.filter(Boolean).length).toBeGreaterThan(SEEDS.length / 5)
  expect(CI_SEEDS.map((seed) => drawPlan(seed)).filter(({ sharesAccount }) => sharesAccount)).not.toEqual([])
})

test('a few plans sit through every block, and one of CI at least', () => {
  const sitting = SEEDS.filter((seed) => !drawPlan(seed).skipsIdleBlocks)
  expect(sitting.length).toBeGreaterThan(0)
  expect(sitting.length).toBeLessThan(SEEDS.length / 10)
  expect(CI_SEEDS.filter((seed) => !drawPlan(seed).skipsIdleBlocks)).not.toEqual([])
})

test('only what is asked for is drawn', () => {
  const plans = SEEDS.map((seed) => drawPlan(seed, ['reorg', 'rival-copies']))
  expect(new Set(plans.flatMap(({ faults }) => faults.map(({ name }) => name)))).toEqual(new Set(['reorg']))
  expect(new Set(plans.flatMap(({ rivals }) => rivals.map(({ name }) => name)))).toEqual(new Set(['rival-copies']))
})

test.each([
  {
    why: 'one store at a time is emptied, or both when the chain allows it',
    only: ['temporal-emptied', 'postgres-emptied', 'stores-emptied'],
    holds: ({ faults }: ReturnType<typeof drawPlan>) => {
      return new Set(faults.map(({ name }) => name).filter((name) => name !== 'stores-emptied')).size <= 1
    },
  },
  {
    why: 'of three endpoints one lies, always the same',
    only: ['rpc-forked', 'rpc-turns-receipts'],
    holds: ({ faults, endpoints }: ReturnType<typeof drawPlan>) => endpoints === 3 && faults.every(({ victim }) => victim === 0),
  },
  {
    why: 'no reorg replaces a final block',
    only: FAULT_NAMES,
    holds: ({ faults, finalityBlocks }: ReturnType<typeof drawPlan>) => faults.every((fault) => reorgDepth(fault) < finalityBlocks),
  },
  {
    why: 'no reorg replaces more than a round',
    only: ['reorg-deepest', 'windows-changed'],
    holds: ({ faults }: ReturnType<typeof drawPlan>) => faults.every((fault) => reorgDepth(fault) <= longestRound(faults)),
  },
])('$why', ({ only, holds }) => {
  for (const seed of SEEDS) expect(drawPlan(seed, only), describePlan(drawPlan(seed, only)).join('\n')).toSatisfy(holds)
})
