import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { MAX_WHO_CHARS } from '../protocol/operator/requests.ts'

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

/** Makes the option `--who`, for the commands that are kept with who asked. */
export const whoOption = (description: string): Option =>
  new Option('--who <name>', description).default(currentUser(), 'your user name').argParser((name: string) => {
    if (name.trim() !== '' && name.length <= MAX_WHO_CHARS) return name
    throw new InvalidArgumentError(`Expected a name of at most ${MAX_WHO_CHARS} characters.`)
  })

/** Reads how many of something are wanted. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw new InvalidArgumentError('Expected a whole number from 1.')
}

/** Gives the user's name, or its number where the system knows no name, as in containers. */
function currentUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '(unknown)'}`
  }
}
