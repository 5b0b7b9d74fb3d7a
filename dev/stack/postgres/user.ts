import { execFileSync } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StackUsageError } from '../errors.ts'

/** Postgres refuses to run as root, so root runs it as this user of the system. */
const USER = 'postgres'

/** Numbers of a user and its group. */
export interface Owner {
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
 * Finds who runs Postgres on `dataFolder`. If we are root it is the system's user `postgres`, made if missing, who gets
 * the folder. If that user can't reach it (a checkout below /root, what mkdtemp makes), it is given root's right to
 * pass by.
 * @throws StackUsageError if there is no such user, or nobody may be given that right here.
 */
export async function postgresUser(dataFolder: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { wrapper: [] }
  const owner = findUser() ?? createUser()
  await chown(dataFolder, owner.uid, owner.gid)
  if (await isReachable(dataFolder)) return { owner, wrapper: [] }
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const wrapper = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', ...capability]
  assertUsable(wrapper, dataFolder)
  return { owner, wrapper }
}

function assertUsable([command = '', ...args]: string[], dataFolder: string): void {
  try {
    execFileSync(command, [...args, 'test', '-d', dataFolder], { stdio: 'pipe' })
  } catch (cause) {
    const reason = `setpriv can't give that user the right to pass by: ${cause}`
    const remedy =
      'work as an ordinary user, or in a folder that every user may enter (mode 711 all the way up, TMPDIR included).'
    throw new StackUsageError(`Postgres refuses to run as root, its user can't enter ${dataFolder}, and ${reason}.`, {
      remedy,
      cause,
    })
  }
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
    throw new StackUsageError(`Postgres refuses to run as root, and no user "${USER}" could be made.`, {
      remedy,
      cause,
    })
  }
}

/** Tells whether everybody may enter every folder above. */
export async function isReachable(folder: string): Promise<boolean> {
  const above = dirname(folder)
  if (above === folder) return true
  const { mode } = await stat(above)
  return (mode & 0o001) !== 0 && isReachable(above)
}
