import { userInfo } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { MAX_WHO_CHARS } from '../../protocol/operator/requests.ts'

/** `--who`, of the commands that are kept with who asked. */
export const whoOption = (description: string): Option =>
  new Option('--who <name>', description).default(currentUser()).argParser((name: string) => {
    if (name.trim() !== '' && name.length <= MAX_WHO_CHARS) return name
    throw new InvalidArgumentError(`Expected a name of at most ${MAX_WHO_CHARS} characters.`)
  })

/** The user's name, or its number where the system knows no name, as in containers. */
function currentUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '(unknown)'}`
  }
}
