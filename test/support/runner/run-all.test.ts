import { execFile, execFileSync } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canMount } from '../can-mount.ts'
import { scratchFolder } from '../scratch-folder.ts'

const RUN_ALL = new URL('./run-all.ts', import.meta.url).href
const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

const PASSES = `import { test } from 'vitest'\ntest('passes', () => {})\n`
const config = (test: Record<string, unknown> = {}) =>
  `export default { test: ${JSON.stringify({ include: ['**/*.test.ts'], ...test })} }\n`

const WITHOUT_FOLDER = config({ exclude: ['folder/**', '**/node_modules/**'] })

/** Files of a project that passes. */
const GOOD: Record<string, string> = {
  '.gitignore': 'node_modules\n',
  'package.json': '{ "type": "module" }',
  'vitest.config.ts': config(),
  'a.test.ts': PASSES,
  'folder/b.test.ts': PASSES,
}

/** Projects in which something is wrong, by what differs from the good one, and what is said of it. */
const BROKEN: {
  what: string
  files: Record<string, string>
  filters?: string[]
  remove?: string
  says: RegExp
  counts: RegExp
}[] = [
  {
    what: 'the set-up of all tests fails',
    files: {
      'vitest.config.ts': config({ globalSetup: ['set-up.ts'] }),
      'set-up.ts': `export default () => { throw new Error('no server') }`,
    },
    says: /no server[\s\S]*FAILED {2}a\.test\.ts was not run[\s\S]*FAILED {2}no test was run/,
    counts: /^5 passed, [1-9]\d* failed$/,
  },
  {
    what: 'the set-up says at the end that something is wrong',
    files: {
      'vitest.config.ts': config({ globalSetup: ['set-up.ts'] }),
      'set-up.ts': 'export default () => () => { process.exitCode = 1 }',
    },
    says: /FAILED {2}Vitest says that the run failed/,
    counts: /^7 passed, 1 failed$/,
  },
  {
    what: 'a file does not load',
    files: { 'a.test.ts': `import './missing.ts'\n${PASSES}` },
    says: /FAILED {2}a\.test\.ts could not be run/,
    counts: /^6 passed, 1 failed$/,
  },
  {
    what: 'a file has no test',
    files: { 'a.test.ts': 'export {}\n' },
    says: /FAILED {2}a\.test\.ts could not be run/,
    counts: /^6 passed, 1 failed$/,
  },
  {
    what: 'a file belongs to no project',
    files: { 'vitest.config.ts': WITHOUT_FOLDER },
    says: /FAILED {2}folder\/b\.test\.ts was not run: no project/,
    counts: /^6 passed, 1 failed$/,
  },
  {
    what: 'a file that git knows is gone',
    files: {},
    remove: 'folder/b.test.ts',
    says: /FAILED {2}folder\/b\.test\.ts was not run: it is gone/,
    counts: /^6 passed, 1 failed$/,
  },
  {
    what: 'a filter that nothing matches',
    files: {},
    filters: ['c.test.ts'],
    says: /FAILED {2}no test was run/,
    counts: /^5 passed, 1 failed$/,
  },
  {
    what: 'every test is skipped',
    files: Object.fromEntries(
      ['a.test.ts', 'folder/b.test.ts'].map((file) => [file, PASSES.replace('test(', 'test.skip(')]),
    ),
    says: /FAILED {2}no test was run/,
    counts: /^5 passed, 1 failed, 2 skipped$/,
  },
  {
    what: 'a test fails',
    files: { 'a.test.ts': `import { expect, test } from 'vitest'\ntest('fails', () => expect(1).toBe(2))\n` },
    says: /tests: 1 passed, 1 failed/,
    counts: /^6 passed, 1 failed$/,
  },
  {
    what: 'what comes before tests fails, so that they are skipped',
    files: {
      'a.test.ts': `import { beforeAll, describe, test } from 'vitest'
describe('some', () => {
  beforeAll(() => { throw new Error('not ready') })
  test('is skipped', () => {})
})
`,
    },
    says: /FAILED {2}a\.test\.ts could not be run/,
    counts: /^6 passed, 1 failed, 1 skipped$/,
  },
  {
    what: 'what comes after tests fails',
    files: {
      'a.test.ts': `import { afterAll } from 'vitest'\nafterAll(() => { throw new Error('left something') })\n${PASSES}`,
    },
    says: /FAILED {2}a\.test\.ts could not be run/,
    counts: /^7 passed, 1 failed$/,
  },
  {
    what: 'an error that no test waits for',
    files: {
      'a.test.ts': `${PASSES}test('waits', async () => {
  void Promise.reject(new Error('nobody heard'))
  await new Promise((resolve) => setTimeout(resolve, 50))
})\n`,
    },
    says: /FAILED {2}unhandled: nobody heard/,
    counts: /^8 passed, 1 failed$/,
  },
  {
    what: 'a worker process is killed',
    files: {
      'a.test.ts': `import { test } from 'vitest'\ntest('dies', () => { process.kill(process.pid, 'SIGKILL') })\n`,
    },
    says: /FAILED {2}unhandled: /,
    counts: /^6 passed, [1-9]\d* failed$/,
  },
  {
    what: 'an only that was forgotten',
    files: { 'a.test.ts': `${PASSES}test.only('alone', () => {})\n` },
    says: /Unexpected \.only modifier/,
    counts: /^6 passed, 1 failed, 1 skipped$/,
  },
]

describe('the runner', () => {
  test('passes what passes', async () => {
    expect(await run(GOOD)).toMatchObject({ code: 0, last: '7 passed, 0 failed' })
  })

  test.each(BROKEN)('fails when $what', async ({ files, filters, remove, says, counts }) => {
    const { code, output, last } = await run({ ...GOOD, ...files }, { filters, remove })
    expect(output).toMatch(says)
    expect(last).toMatch(counts)
    expect(code).toBe(1)
  })

  test('fails when a check does, though all tests pass', async () => {
    expect(await run(GOOD, { failedChecks: 1 })).toMatchObject({ code: 1, last: '7 passed, 1 failed' })
  })

  test.runIf(canMount)('names a read-only disk and what to do, where nothing can be run', async () => {
    const { code, output } = await run(GOOD, { isReadOnly: true })
    expect(output).toMatch(/EROFS.*node_modules.*Fix: its file system is read-only: copy the checkout/)
    expect(code).toBe(1)
  })

  test('expects the files that are there where there is no git', async () => {
    const excluded = { ...GOOD, 'vitest.config.ts': WITHOUT_FOLDER }
    expect(await run(GOOD, { isCheckout: false })).toMatchObject({ code: 0, last: '7 passed, 0 failed' })
    expect(await run(excluded, { isCheckout: false })).toMatchObject({ code: 1, last: '6 passed, 1 failed' })
  })
})

interface Options {
  filters?: string[] | undefined
  remove?: string | undefined
  failedChecks?: number
  isCheckout?: boolean
  /** Packages lie on a mount that is read-only. */
  isReadOnly?: boolean
}

/** Runs the files as a checkout of its own, after five checks that passed. */
async function run(
  files: Record<string, string>,
  { filters = [], remove, failedChecks = 0, isCheckout = true, isReadOnly = false }: Options = {},
) {
  const root = await scratchFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  await symlink(NODE_MODULES, join(root, 'node_modules'))
  if (isCheckout)
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
    ])
      execFileSync('git', args, { cwd: root })
  if (remove !== undefined) await rm(join(root, remove))
  const options = { root, filters, checks: { passed: 5, failed: failedChecks } }
  const script = `import { runAll } from ${JSON.stringify(RUN_ALL)}
const { root, filters, checks } = ${JSON.stringify(options)}
await runAll({ root, filters, runChecks: async () => checks })`
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const args = ['--input-type=module', '-e', script]
    const mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    const [command = '', ...rest] = isReadOnly
      ? ['unshare', '-m', 'sh', '-c', mount, NODE_MODULES, process.execPath, ...args]
      : [process.execPath, ...args]
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'TEST'),
    )
    execFile(command, rest, { cwd: root, env: { ...env, NO_COLOR: '1' } }, (error, stdout, stderr) =>
      resolve({
        code: error === null ? 0 : Number(error.code),
        output: `${stdout}\n${stderr}\n${stdout.trim().split('\n').at(-1)}`,
      }),
    )
  })
  return { code, output, last: output.split('\n').at(-1) }
}
