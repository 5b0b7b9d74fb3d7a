/**
 * `npm test` after set-up: the checks of the sources, then all tests, and as the last line the sum of both. A check counts as one test.
 * Arguments are passed to vitest as filters: `node test/run.ts test/stack`.
 */
import { startVitest } from 'vitest/node'
import { stopOnSignals } from '../dev/stack/stop-on-signals.ts'
import { runChecks } from './support/run-checks.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const checks = await runChecks()
const tests = await runTests(process.argv.slice(2))
const [passed, failed, skipped] = [checks.passed + tests.passed, checks.failed + tests.failed, tests.skipped]
console.log(`\nchecks: ${checks.passed} passed, ${checks.failed} failed; tests: ${tests.passed} passed, ${tests.failed} failed`)
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

async function runTests(filters: string[]): Promise<Counts> {
  const vitest = await startVitest('test', filters, { run: true, watch: false })
  const release = stopOnSignals(() => vitest.close())
  const states = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
  const brokenFiles = vitest.state.getTestModules().filter((module) => module.errors().length > 0).length
  const count = (state: string) => states.filter((one) => one === state).length
  const failed = count('failed') + count('pending') + brokenFiles + vitest.state.getUnhandledErrors().length
  await vitest.close()
  release()
  return { passed: count('passed'), failed, skipped: count('skipped') }
}
