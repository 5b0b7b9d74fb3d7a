import { runTests } from './run-tests.ts'

interface RunOptions {
  /** Folder of the checkout. */
  root: string
  filters: readonly string[]
  runChecks(): Promise<{ passed: number; failed: number }>
}

/** Runs checks, then tests, prints the sum as the last line, and ends the process with what a script can tell it by. */
export async function runAll({ root, filters, runChecks }: RunOptions): Promise<never> {
  const checks = await runChecks()
  const tests = await runTests({ root, filters })
  const [passed, failed] = [checks.passed + tests.passed, checks.failed + tests.failed + tests.problems.length]
  for (const problem of tests.problems) console.error(`FAILED  ${problem}`)
  console.log(
    `\nchecks: ${checks.passed} passed, ${checks.failed} failed; tests: ${tests.passed} passed, ${tests.failed} failed`,
  )
  console.log(`${passed} passed, ${failed} failed${tests.skipped === 0 ? '' : `, ${tests.skipped} skipped`}`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}
