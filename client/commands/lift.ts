import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import { withDatabase } from '../../workers/connections.ts'
import { RefusedError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { whoOption } from '../options.ts'
import { tellLifted } from '../requests/ask-workflows.ts'
import { liftQuarantine } from '../requests/lift-quarantine.ts'
import { parseSequenceId } from '../targets.ts'

/** Makes the command `zkpow lift <id>`. */
export const liftCommand = (): Command =>
  new Command('lift')
    .description('let a sequence that was quarantined try again, with every prover')
    .argument('<id>', '<rollup>/<first batch>-<last batch>, or the id of its workflow')
    .addOption(whoOption('who lifts it; kept with the row'))
    .action(async (id: string, _options, command: Command) => {
      const { config: file, who } = command.optsWithGlobals<CommonOptions & { who: string }>()
      const key = parseSequenceId(id)
      const config = await loadOperatorConfig(file)
      const lifted = await withDatabase(config.database, (db) => liftQuarantine(db, key, who))
      if (lifted.length === 0)
        throw new RefusedError('Nothing of this sequence is quarantined.', {
          remedy: 'see `zkpow sequence` for what it waits for.',
        })
      const isTold = (await tellLifted(config.temporal, key)) === 'told'
      process.stderr.write(
        `${lifted.join('\n')}\nIt is tried again ${isTold ? 'now' : 'within ten minutes of running'}.\n`,
      )
    })
