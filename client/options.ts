import { type Command, Option } from 'commander'

/** Options that every command takes. */
export interface CommonOptions {
  /** Path of the configuration file. */
  config: string
  /** Print causes and stacks of errors. */
  verbose: boolean
}

/** Adds the common options to the program; commands read them with `optsWithGlobals`. */
export const addCommonOptions = (program: Command): Command =>
  program
    .addOption(new Option('-c, --config <file>', 'configuration file').env('ZKPOW_CONFIG').default('zkpow.yaml'))
    .option('--verbose', 'print causes and stacks of errors', false)
