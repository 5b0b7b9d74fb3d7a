import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import { withDatabase } from '../../workers/connections.ts'
import type { CommonOptions } from '../options.ts'
import { toJson } from '../reports/format.ts'
import { readSequence } from '../reports/read-sequence.ts'
import { renderSequence } from '../reports/render-sequence.ts'
import { parseSequenceId } from '../targets.ts'

/** Makes the command `zkpow sequence <id>`. */
export const sequenceCommand = (): Command =>
  new Command('sequence')
    .description('show one sequence: what it waits for, its proofs and its transactions')
    .argument('<id>', '<rollup>/<first batch>-<last batch>, or the id of its workflow')
    .option('--json', 'print what was found as JSON')
    .action(async (id: string, _options, command: Command) => {
      const { config: file, json } = command.optsWithGlobals<CommonOptions & { json?: boolean }>()
      const key = parseSequenceId(id)
      const config = await loadOperatorConfig(file)
      const report = await withDatabase(config.database, (db) => readSequence(db, config.temporal, key))
      process.stdout.write(json ? toJson(report) : renderSequence(report))
    })
