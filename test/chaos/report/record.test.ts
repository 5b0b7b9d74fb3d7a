import { expect, test } from 'vitest'
import { FAULT_NAMES } from '../faults/index.ts'
import { HABIT_NAMES } from '../plans/habits.ts'
import { type RecordedSeed, renderBreakages, renderRun } from './record.ts'
import { missed } from './summary.ts'

const figures = { sequences: 1, proofs: 6, transactions: 3, accepted: 1, penalties: 0, excusedPenalties: 0 }

const seed = (n: number, p: Partial<RecordedSeed> = {}): RecordedSeed => ({
  plan: { seed: n, rivals: [{ name: 'rival-first' }], sequences: [{}], habits: ['indexing'] },
  violations: [],
  figures,
  faults: [{ name: 'reorg', milestone: 'committed', hit: n > 1, wasBusy: true, recoveredMs: 1_000 * n }],
  metHabits: n > 1 ? ['indexing'] : [],
  durationMs: 1_800_000,
  endedAt: '2026-11-21T15:00:00.000Z',
  ...p,
})

test('figures are sums of what was recorded', () => {
  const text = renderRun(
    [1, 2, 3, 7].map((n) => seed(n)),
    { cores: 2 },
  )
  expect(text).toContain('Recorded 2026-11-21 on 2 cores: **4 seeds** (1-3, 7), 2.0 hours of runs')
  expect(text).toContain('| proofs finished, all stages | 24 |')
  expect(text).toContain('| faults injected | 4 |')
  expect(text).toContain('Rivals: 4 × `rival-first`.')
  expect(text).toContain('Habits of endpoints: 4 × `indexing`.')
  expect(text).toContain('| reorg | 4 | 3 | 0 | 0 | 4 | 0 | 0 | 4 | 4 | 3.0 s | 7.0 s |')
  expect(text).toContain('No seed broke an invariant.')
})

test('what a seed broke is counted and shown', () => {
  const violations = [
    '1 settled: batches 1-2 of r are not verified',
    '2 proofs: the final proof of batches 1-2 of r is lost from the archive',
    `2 proofs: task 0x${'ab'.repeat(32)} (x) was made twice, the second time by p`,
    '3 penalties: penalty of our making: the round of block 9 for batches 1-2 of r expired',
    '6 explained: workflow sender/1/0x2 is stuck: activity a failed 9 times',
  ]
  const text = renderRun([seed(1), seed(2, { violations, figures: null })], { cores: 2 })
  const rows = [
    'penalties of our making | 1',
    'lost proofs | 1',
    'proofs made twice | 1',
    'stuck sequences or workflows | 2',
  ]
  for (const row of [...rows, 'seeds that broke an invariant | 1', 'transactions of ours on chain | 3'])
    expect(text).toContain(`| ${row} |`)
  expect(text).toContain('* seed 2: 2 proofs: task 0xabababab… (x) was made twice')
})

test('a fault that hit nothing in any seed is named, and so is a habit that nobody met', () => {
  expect(missed([])).toEqual([...FAULT_NAMES, ...HABIT_NAMES])
  expect(missed([seed(1)])).toEqual(expect.arrayContaining(['reorg', 'indexing']))
  expect(missed([seed(1), seed(2)])).not.toEqual(expect.arrayContaining(['reorg']))
  expect(missed([seed(1), seed(2)])).not.toEqual(expect.arrayContaining(['indexing']))
})

test('a breakage that nobody noticed is said to be one', () => {
  const what = 'the code does harm'
  const rows = renderBreakages([
    {
      name: 'a',
      what,
      only: ['reorg'],
      caught: { seed: 3, violation: '4 transactions: x | y\n    at stack' },
      seedsTried: 1,
    },
    { name: 'b', what, caught: null, seedsTried: 8 },
    { name: 'c', what, caught: { seed: 0, violation: `8 replays: ${'z'.repeat(300)}` }, seedsTried: 1 },
  ])
  expect(rows).toContain('| `a` | the code does harm | `--seed 3 --only reorg` | 4 transactions: x / y |')
  expect(rows).toContain('| `b` | the code does harm | - | nothing, in 8 plans |')
  expect(rows).toContain(`| \`c\` | the code does harm | one of its own | 8 replays: ${'z'.repeat(149)}… |`)
})
