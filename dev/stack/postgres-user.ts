import { execFileSync } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StackUsageError } from './errors.ts'

/** Postgres refuses to run as root, so root runs it as this user of the system. */
const USER = 'postgres'

/** Numbers of a user and its group. */
interface Owner {
  uid: number
  gid: number
}

/** How to start a Postgres program as somebody who isn't root. */
export interface PostgresUser {
  /** Who must own the files; undefined: we do, and nothing needs to change. */
  owner?: Owner
  /** Program and arguments to put in front, if the operating system's plain change of user isn't enough. */
  wrapper: string[]
}

/**
 * Who runs Postgres on `dataFolder` with the programs in `binFolder`. For root: the system's user `postgres`, made if missing, who gets the
 * folder. If that user can't reach one of the folders (a checkout below /root), it is given root's right to pass by.
 */
export async function postgresUser(dataFolder: string, binFolder: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { wrapper: [] }
  const owner = findUser() ?? createUser()
  await chown(dataFolder, owner.uid, owner.gid)
  if ((await isReachable(dataFolder)) && (await isReachable(binFolder))) return { owner, wrapper: [] }
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  return { owner, wrapper: ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', ...capability] }
}

function findUser(): Owner | undefined {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') }
  } catch {
    return undefined // `id` knows no such user
  }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, USER], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}

function createUser(): Owner {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', USER], { stdio: 'pipe' })
    return { uid: idOf('-u'), gid: idOf('-g') }
  } catch (cause) {
    const remedy = 'work as an ordinary user, or add a user of that name.'
    throw new StackUsageError(`Postgres refuses to run as root, and no user "${USER}" could be made.`, { remedy, cause })
  }
}

/** Whether everybody may enter every folder above. */
async function isReachable(folder: string): Promise<boolean> {
  const above = dirname(folder)
  if (above === folder) return true
  const { mode } = await stat(above)
  return (mode & 0o001) !== 0 && isReachable(above)
}
