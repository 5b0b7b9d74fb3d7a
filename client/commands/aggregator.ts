import { Command } from 'commander'
import { loadAggregatorConfig } from '../../config/load.ts'
import type { CommonOptions } from '../options.ts'

/** Makes the command `zkpow aggregator`. */
export const aggregatorCommand = (): Command =>
  new Command('aggregator')
    .description('watch the chains, have sequences proved and settle them, until told to stop (SIGTERM or Ctrl-C)')
    .action(async (_options, command: Command) => {
      const config = await loadAggregatorConfig(command.optsWithGlobals<CommonOptions>().config)
      // This is imported only here: Temporal's native part takes long to load, and no other command needs it.
      const { runAggregator } = await import('../../workers/aggregator.ts')
      await runAggregator(config)
    })
