import { userInfo } from 'node:os'

/** Who asks, unless the command line says so: the user's name, or its number where the system knows no name, as in containers. */
export function currentUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '(unknown)'}`
  }
}
