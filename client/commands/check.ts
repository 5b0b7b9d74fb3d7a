import { Command } from 'commander'
import { loadAccountKeys, loadOperatorConfig } from '../../config/load.ts'
import { exitCodeOf } from '../../workers/exit-codes.ts'
import type { CheckResult } from '../../workers/preflight/checks.ts'
import type { CommonOptions } from '../options.ts'
import { toJson } from '../reports/format.ts'

const SIGNS: Record<CheckResult['status'], string> = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' }

/** Makes the command `zkpow check`. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('look at everything that the configuration points to, and say what to do about what is wrong')
    .option('--json', 'print the results as JSON')
    .action(async (_options, command: Command) => {
      const { config, json } = command.optsWithGlobals<CommonOptions & { json?: boolean }>()
      // These are imported only here: the backends of all kinds take long to load, and no other command needs them.
      const { runChecks } = await import('../../workers/preflight/checks.ts')
      const { withOpened } = await import('../../workers/opened.ts')
      const [operator, keys] = [await loadOperatorConfig(config), await loadAccountKeys(config)]
      const report = (result: CheckResult) => process.stderr.write(line(result))
      const results = await withOpened(operator, (opened) => runChecks(operator, opened, report, keys))
      if (json)
        process.stdout.write(toJson(results.map(({ error, ...result }) => ({ ...result, code: error?.code ?? null }))))
      process.exitCode = exitCodeOf(results.flatMap(({ error }) => error ?? []))
    })

const line = ({ about, status, text }: CheckResult): string => `${SIGNS[status]}  ${about}: ${text}\n`
