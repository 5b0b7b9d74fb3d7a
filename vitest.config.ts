import { configDefaults, defineConfig } from 'vitest/config'

/** What mostly waits, for blocks, timers and processes to end. It runs side by side. */
const WAITING = [
  'test/e2e/{demo,proof-costs,stake,suspended,two-aggregators}.test.ts',
  'test/dev/stack/leftovers.test.ts',
  'test/support/runner/{checks,run-all}.test.ts',
  'test/workflows/**/{failing-machines,failing-provers,hostile-reports,proving}.test.ts',
  'test/workflows/**/{held-long-sequence,long-sequence,sender-and-chain}.test.ts',
  'test/workers/**/{heal-workflows,heartbeats}.test.ts',
]

/** Real proofs use every core by themselves, so these run one file at a time, after everything else. */
const HEAVY = ['test/circuits/**/*.test.ts', 'test/provers/**/*.test.ts', 'test/e2e/settle/*.test.ts']

// Threads crash with Temporal's native module.
const pool = 'forks'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        // There is no `extends`, because each project would start servers of its own.
        test: {
          name: 'fast',
          pool,
          include: ['**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...WAITING, ...HEAVY],
          maxWorkers: 3,
          testTimeout: 400_000,
          hookTimeout: 400_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'waiting',
          pool,
          include: WAITING,
          maxWorkers: 5,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'heavy',
          pool,
          include: HEAVY,
          maxWorkers: 1,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
