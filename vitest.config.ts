import { configDefaults, defineConfig } from 'vitest/config'

/** Proofs and whole deployments use every core by themselves: one file at a time, after everything else. */
const HEAVY = ['test/circuits/**/*.test.ts', 'test/provers/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/chaos/**/*.test.ts']

// Threads crash with Temporal's native module.
const pool = 'forks'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        // No `extends`: each project would start servers of its own.
        test: {
          name: 'fast',
          pool,
          include: ['**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...HEAVY],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
