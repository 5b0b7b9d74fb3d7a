import { userInfo } from 'node:os'
import { Command } from 'commander'
import { loadDatabaseConfig } from '../../config/load.ts'
import { RefusedError } from '../errors.ts'
import { liftQuarantine } from '../lift-quarantine.ts'
import { withDatabase } from '../open.ts'
import type { CommonOptions } from '../options.ts'
import { parseSequenceId } from '../sequence-id.ts'

/** `zkpow lift <id>` */
export const liftCommand = (): Command =>
  new Command('lift')
    .description('let a sequence that was quarantined try again, with every prover')
    .argument('<id>', '<rollup>/<first batch>-<last batch>, or the id of its workflow')
    .option('--who <name>', 'who lifts it; kept with the row', userInfo().username)
    .action(async (id: string, _options, command: Command) => {
      const { config, who } = command.optsWithGlobals<CommonOptions & { who: string }>()
      const key = parseSequenceId(id)
      const lifted = await withDatabase(await loadDatabaseConfig(config), (db) => liftQuarantine(db, key, who))
      if (lifted.length === 0)
        throw new RefusedError('Nothing of this sequence is quarantined.', { remedy: 'see `zkpow sequence` for what it waits for.' })
      process.stderr.write(`${lifted.join('\n')}\nIt is tried again within a minute.\n`)
    })
