import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scratchFolder } from '../support/scratch-folder.ts'
import { FAULT_NAMES } from './faults/index.ts'
import { HABIT_NAMES } from './plans/habits.ts'
import { failuresOf } from './report/summary.ts'

type Result = Parameters<typeof failuresOf>[0][number]

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url))

const fault = (name: (typeof FAULT_NAMES)[number], hit = true) => ({
  name,
  hit,
  milestone: null,
  wasBusy: true,
  recoveredMs: null,
})
const result = (seed: number, p: Partial<Result> = {}): Result => ({
  plan: { seed } as Result['plan'],
  faults: FAULT_NAMES.map((name) => fault(name)),
  metHabits: [...HABIT_NAMES],
  violations: [],
  ...p,
})

test.each([
  { what: 'all that holds', results: [result(1), result(2)], failures: [] },
  { what: 'no seed', results: [], failures: [/^No seed/, /^Hit nothing/] },
  {
    what: 'a seed that breaks something',
    results: [result(1), result(2, { violations: ['3 penalties: one', '5 wei: two'] })],
    failures: [/^Seed 2: 3 penalties: one$/, /^Seed 2: 5 wei: two$/],
  },
  {
    what: 'a fault that is in no plan',
    results: [result(1, { faults: [fault('reorg')] })],
    failures: [/^Hit nothing.*aggregator-killed/],
  },
  {
    what: 'a fault that hit nothing',
    results: [result(1, { faults: FAULT_NAMES.map((name) => fault(name, name !== 'reorg')) })],
    failures: [/^Hit nothing.*: reorg\.$/],
  },
])('the fixed seeds with $what', ({ results, failures }) => {
  expect(failuresOf(results, { isCi: true })).toEqual(failures.map((pattern) => expect.stringMatching(pattern)))
})

test('seeds that were drawn need not meet every fault', () => {
  expect(failuresOf([result(1, { faults: [] })], { isCi: false })).toEqual([])
})

test('a seed that the harness can not carry out fails, with its reason', async () => {
  const env = { ...process.env, TEMPORAL_CLI_PATH: '/nowhere', TMPDIR: await scratchFolder() }
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, [RUN, '--quiet'], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })
  expect(output).toMatch(/VIOLATED {2}the harness failed: .*TEMPORAL_CLI_PATH is \/nowhere/)
  expect(output).toMatch(/^Seed 1: the harness failed: /m)
  expect(code).toBe(1)
})
