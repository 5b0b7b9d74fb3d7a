import { execFile, execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scratchFolder } from '../scratch-folder.ts'

const CI_RUN = fileURLToPath(new URL('../../../.ci/run', import.meta.url))

/** An npm that notes where it is called, whether others may enter there, and how; and fails when it is told to. */
const FAKE_NPM = `#!/bin/sh
echo "$(stat -c %a ..)|$PWD|$*" >> "$CALLS"
[ "$1" != test ] || echo "9 passed, $([ "$FAILS" = test ] && echo 1 || echo 0) failed"
[ "$FAILS" != "changes the lockfile" ] || echo changed >> package-lock.json
case "$*" in "$FAILS"*) [ "$FAILS" = "" ] || exit 3;; esac
`

test('CI installs, sets up, meets every fault, and tests a fresh clone that others may not enter', async () => {
  const { code, last, calls, left } = await runCi('')
  expect({ code, last, left }).toEqual({ code: 0, last: '9 passed, 0 failed', left: [] })
  expect(calls.map((call) => call.split('|')[2])).toEqual([
    ...['install', 'run setup', 'run chaos -- --ci --jobs 3'],
    ...['install', 'test --loglevel=silent'],
  ])
  expect(calls.at(-1)).toMatch(/^700\|.*\/clone\|test/)
})

test.each(['install', 'run setup', 'run chaos', 'changes the lockfile'])('CI fails when "%s" does', async (fails) => {
  const { code, last, calls, left } = await runCi(fails)
  expect(code).not.toBe(0)
  expect({ last, left }).toEqual({ last: '0 passed, 1 failed', left: [] })
  expect(calls.some((call) => call.includes('/clone|'))).toBe(false)
})

test('CI fails when the tests do', async () => {
  const { code, last, left } = await runCi('test')
  expect({ code, last, left }).toEqual({ code: 3, last: '9 passed, 1 failed', left: [] })
})

/** Runs a committed copy of .ci/run with a fake npm. */
async function runCi(fails: string) {
  const [folder, bin, tmp] = [await scratchFolder(), await scratchFolder(), await scratchFolder()]
  const calls = join(bin, 'calls')
  await writeFile(join(bin, 'npm'), FAKE_NPM)
  await chmod(join(bin, 'npm'), 0o755)
  await mkdir(join(folder, '.ci'))
  await cp(CI_RUN, join(folder, '.ci', 'run'))
  await writeFile(join(folder, 'package-lock.json'), '{}\n')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'all')
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CALLS: calls, FAILS: fails, TMPDIR: tmp }
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile(join(folder, '.ci', 'run'), { env }, (error, out) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout: out }),
    )
  })
  const noted = (await readFile(calls, 'utf8')).trim().split('\n')
  return { code, last: stdout.trim().split('\n').at(-1), calls: noted, left: await readdir(tmp) }
}
