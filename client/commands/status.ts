import { setTimeout } from 'node:timers/promises'
import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import { withDatabase } from '../../workers/connections.ts'
import { type CommonOptions, parseCount } from '../options.ts'
import { toJson } from '../reports/format.ts'
import { readStatus, type StatusQuestion, type StatusReport } from '../reports/read-status.ts'
import { renderStatus, renderWorkflows } from '../reports/render-status.ts'

/** Time between two looks of `--watch`, ms: about the pace of blocks. */
const WATCH_EVERY_MS = 2_000

/** Clears a terminal and goes to its upper left corner. */
const CLEAR = '\x1b[2J\x1b[3J\x1b[H'

interface StatusOptions extends CommonOptions, StatusQuestion {
  json?: boolean
  watch?: boolean
}

/** Makes the command `zkpow status`. */
export const statusCommand = (): Command =>
  new Command('status')
    .description('list sequences: phase, proofs, window, and what each waits for')
    .option('--rollup <name>', 'only this rollup')
    .option('--limit <count>', 'at most so many, running ones first', parseCount, 30)
    .option('--json', 'print what was found as JSON')
    .option('--watch', 'look again every two seconds until Ctrl-C')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<StatusOptions>()
      const config = await loadOperatorConfig(options.config)
      await withDatabase(config.database, async (db) => {
        do print(await readStatus(db, config, options), options)
        while (options.watch === true && (await pause()))
      })
    })

function print(report: StatusReport, { json, watch }: StatusOptions): void {
  if (json) process.stdout.write(toJson(report))
  else process.stdout.write(`${watch && process.stdout.isTTY ? CLEAR : ''}${renderStatus(report, Date.now())}`)
  for (const line of renderWorkflows(report.workflows)) process.stderr.write(`${line}\n`)
  for (const { chain, why } of report.silentChains) process.stderr.write(`No windows of chain ${chain}: ${why}\n`)
  for (const trouble of report.endpointTroubles) process.stderr.write(`Not believed: ${trouble}\n`)
}

/** Waits, and answers true; Ctrl-C ends the process by itself. */
const pause = (): Promise<true> => setTimeout(WATCH_EVERY_MS, true)
