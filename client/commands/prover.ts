import { Command } from 'commander'
import { loadProverConfig } from '../../config/load.ts'
import type { CommonOptions } from '../options.ts'

/** `zkpow prover` */
export const proverCommand = (): Command =>
  new Command('prover')
    .description('make proofs on this machine, until told to stop (SIGTERM or Ctrl-C); holds no keys')
    .action(async (_options, command: Command) => {
      const config = await loadProverConfig(command.optsWithGlobals<CommonOptions>().config)
      // Only here: Temporal's native part takes long to load, and no other command needs it.
      const { runProver } = await import('../../workers/prover.ts')
      await runProver(config)
    })
