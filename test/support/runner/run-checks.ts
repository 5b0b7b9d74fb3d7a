import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { Listr } from 'listr2'
import { runProcess } from '../../../dev/stack/processes/process.ts'
import project from '../../../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The scripts that `npm run check` runs one after another. */
const CHECKS = Object.keys(project.scripts).filter((name) => name.startsWith('check:'))

/** Runs the checks of the sources, two at a time, and prints what those say that fail. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const logs = await mkdtemp(join(tmpdir(), 'zkpow-checks-'))
  const logOf = (check: string) => join(logs, `${check.replace(':', '-')}.log`)
  const failed: string[] = []
  const tasks = CHECKS.map((check) => ({
    title: `npm run ${check}`,
    task: () =>
      runProcess({
        name: check,
        command: 'npm',
        args: ['run', '--silent', check],
        cwd: ROOT,
        env: { NO_COLOR: '1' },
        logFile: logOf(check),
      }).catch(() => {
        failed.push(check)
        throw new Error(`${check} failed, see below`)
      }),
  }))
  await new Listr(tasks, { concurrent: 2, exitOnError: false, fallbackRenderer: 'verbose' }).run()
  for (const check of failed)
    console.error(`\n${check}:\n${stripVTControlCharacters(await readFile(logOf(check), 'utf8'))}`)
  await rm(logs, { recursive: true })
  return { passed: CHECKS.length - failed.length, failed: failed.length }
}
