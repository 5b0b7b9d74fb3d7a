import { execFileSync } from 'node:child_process'
import { existsSync, globSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { startVitest, type TestModule, type Vitest } from 'vitest/node'

/** What a run of the tests came to. */
export interface TestCounts {
  passed: number
  failed: number
  skipped: number
  /** Why there was less of a run than there should be; each is a failure that no test could report. */
  problems: string[]
}

/**
 * Runs the tests below `root` and doubts what comes of it: a set-up that fails and a file that nobody runs have no
 * failing test.
 * @param filters parts of paths; none: all files that git knows must run.
 */
export async function runTests({ root, filters }: { root: string; filters: readonly string[] }): Promise<TestCounts> {
  // A forgotten `only` would leave the rest out, with all green.
  const vitest = await startVitest('test', [...filters], { root, run: true, watch: false, allowOnly: false })
  const modules = vitest.state.getTestModules()
  const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
  const count = (state: string) => states.filter((one) => one === state).length
  const counts = { passed: count('passed'), failed: count('failed') + count('pending'), skipped: count('skipped') }
  const problems = [...brokenFiles(root, modules), ...unhandledErrors(vitest)]
  if (filters.length === 0) problems.push(...leftOutFiles(root, modules))
  if (counts.passed + counts.failed === 0) problems.push('no test was run')
  if (counts.failed + problems.length === 0 && (process.exitCode ?? 0) !== 0)
    problems.push('Vitest says that the run failed')
  return { ...counts, problems }
}

/**
 * Finds files that don't load, and those in which something else than a test fails: tests behind a failed `beforeAll`
 * count as skipped.
 */
function brokenFiles(root: string, modules: readonly TestModule[]): string[] {
  const broken = modules.filter((module) => !module.ok() && ![...module.children.allTests('failed')].length)
  return broken.map((module) => `${relativePath(root, module)} could not be run`)
}

const unhandledErrors = ({ state }: Vitest): string[] =>
  state.getUnhandledErrors().map((error) => `unhandled: ${messageOf(error)}`)

const messageOf = (error: unknown): string =>
  String((error as Error | undefined)?.message ?? error).split('\n', 1)[0] ?? ''

function leftOutFiles(root: string, modules: readonly TestModule[]): string[] {
  const ran = new Set(modules.map((module) => relativePath(root, module)))
  const leftOut = testFiles(root).filter((file) => !ran.has(file))
  return leftOut.map(
    (file) =>
      `${file} was not run: ${existsSync(join(root, file)) ? 'no project of vitest.config.ts includes it' : 'it is gone'}`,
  )
}

/**
 * Lists test files that git knows, or would. What is no checkout, such as an unpacked archive, has those that are
 * there.
 */
function testFiles(root: string): string[] {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.test.ts']
    const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    return [...new Set(listed.split('\0'))].filter((file) => file !== '')
  } catch (error) {
    console.warn(`git can't list the test files (${messageOf(error)}), so those that are there are expected to run.`)
    return globSync('**/*.test.ts', { cwd: root, exclude: (path) => /(^|\/)node_modules$/.test(path) })
  }
}

const relativePath = (root: string, { moduleId }: TestModule): string =>
  moduleId.slice(realpathSync(root).replace(/\/$/, '').length + 1)
