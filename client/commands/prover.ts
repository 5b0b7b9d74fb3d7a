import { Command } from 'commander'
import { loadProverConfig } from '../../config/load.ts'
import type { CommonOptions } from '../options.ts'

/** Makes the command `zkpow prover`. */
export const proverCommand = (): Command =>
  new Command('prover')
    .description('make proofs on this machine, until told to stop (SIGTERM or Ctrl-C); holds no keys')
    .option('--name <name>', "name of this machine, instead of the file's: for several provers that share one file")
    .action(async (_options, command: Command) => {
      const { config: file, name } = command.optsWithGlobals<CommonOptions & { name?: string }>()
      const config = await loadProverConfig(file, process.env, { name })
      // This is imported only here: Temporal's native part takes long to load, and no other command needs it.
      const { runProver } = await import('../../workers/prover.ts')
      await runProver(config)
    })
