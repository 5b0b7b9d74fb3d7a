import { Command } from 'commander'
import { loadDatabaseConfig } from '../../config/load.ts'
import { migrate } from '../../db/deployment/migrate.ts'
import type { CommonOptions } from '../options.ts'

/** Makes the command `zkpow migrate`. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description("bring the database to this version's tables and roles; harmless when it is there already")
    .action(async (_options, command: Command) => {
      const { url } = await loadDatabaseConfig(command.optsWithGlobals<CommonOptions>().config)
      await migrate(url.reveal())
      process.stderr.write("The database has this version's tables and roles.\n")
    })
