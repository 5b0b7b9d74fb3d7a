/**
 * `npm test` after set-up: the checks of the sources, then all tests, and as the last line the sum of both. A check
 * counts as one test. Arguments are passed to vitest as filters: `node test/run.ts test/dev/stack`.
 */
import { fileURLToPath } from 'node:url'
import { runAll } from './support/runner/run-all.ts'
import { runChecks } from './support/runner/run-checks.ts'

await runAll({ root: fileURLToPath(new URL('..', import.meta.url)), filters: process.argv.slice(2), runChecks })
