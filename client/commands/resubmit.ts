import { userInfo } from 'node:os'
import { Command } from 'commander'
import { loadOperatorConfig } from '../../config/load.ts'
import { RefusedError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { parseSequenceId } from '../sequence-id.ts'
import { connectTemporal, forceResubmit } from '../temporal.ts'

interface ResubmitOptions extends CommonOptions {
  reason: string
  who: string
}

/** `zkpow resubmit <id>` */
export const resubmitCommand = (): Command =>
  new Command('resubmit')
    .description('have a sequence look at the chain now and send again what is missing there')
    .argument('<id>', '<rollup>/<first batch>-<last batch>, or the id of its workflow')
    .requiredOption('--reason <text>', 'why; kept in the history')
    .option('--who <name>', 'who asks; kept in the history', userInfo().username)
    .action(async (id: string, _options, command: Command) => {
      const { config, reason, who } = command.optsWithGlobals<ResubmitOptions>()
      const key = parseSequenceId(id)
      const client = await connectTemporal((await loadOperatorConfig(config)).temporal)
      try {
        const { isDone, answer } = await forceResubmit(client, key, { who, reason })
        if (!isDone) throw new RefusedError(answer)
        process.stderr.write(`${answer}\n`)
      } finally {
        await client.connection.close()
      }
    })
