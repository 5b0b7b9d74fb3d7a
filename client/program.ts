import { inspect } from 'node:util'
import { Command } from 'commander'
import { FatalError, RetryableError } from '../protocol/base/errors.ts'
import { EXIT_CHANGE, EXIT_RETRY } from '../workers/exit-codes.ts'
import { COMMANDS } from './commands/index.ts'
import { addCommonOptions, type CommonOptions } from './options.ts'

const program = addCommonOptions(new Command('zkpow'))
  .description("A miner's aggregator for ZK rollups.")
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 change something, 75 try again.\nEach [CODE] of an error is explained in docs/errors.md.',
  )
for (const command of COMMANDS) program.addCommand(command())

try {
  await program.parseAsync()
} catch (error) {
  // It ends at once: Temporal's core, while it waits for a server that says nothing, keeps the process for half a
  // minute.
  process.exit(reportFailure(error, program.opts<CommonOptions>().verbose))
}

/** Says on stderr what went wrong and what to do. @returns the exit code. */
function reportFailure(error: unknown, isVerbose: boolean): number {
  process.stderr.write(`${describe(error)}\n`)
  if (isVerbose) process.stderr.write(`${inspect(error, { depth: 5 })}\n`)
  return error instanceof RetryableError ? EXIT_RETRY : EXIT_CHANGE
}

function describe(error: unknown): string {
  if (error instanceof FatalError || error instanceof RetryableError) return error.describe()
  const message = error instanceof Error ? error.message : String(error)
  return `${message} (unexpected: run again with --verbose and report it)`
}
