import { exitWithError } from '../../../dev/exit-with-error.ts'
import { runTests } from './run-tests.ts'

interface RunOptions {
  /** Folder of the checkout. */
  root: string
  filters: readonly string[]
  runChecks(): Promise<{ passed: number; failed: number }>
}

/** Runs checks, then tests, prints the sum as the last line, and ends the process with what a script can tell it by. */
export async function runAll(options: RunOptions): Promise<never> {
  try {
    process.exit((await runBoth(options)) ? 0 : 1)
  } catch (error) {
    exitWithError(error) // nothing was judged: a disk is full, or read-only
    process.exit()
  }
}

/** @returns whether all passed */
async function runBoth({ root, filters, runChecks }: RunOptions): Promise<boolean> {
  const checks = await runChecks()
  const tests = await runTests({ root, filters })
  const [passed, failed] = [checks.passed + tests.passed, checks.failed + tests.failed + tests.problems.length]
  for (const problem of tests.problems) console.error(`FAILED  ${problem}`)
  console.log(
    `\nchecks: ${checks.passed} passed, ${checks.failed} failed; tests: ${tests.passed} passed, ${tests.failed} failed`,
  )
  console.log(`${passed} passed, ${failed} failed${tests.skipped === 0 ? '' : `, ${tests.skipped} skipped`}`)
  return failed === 0 && passed > 0
}
