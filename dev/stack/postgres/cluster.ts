import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ProcessOptions, runProcess } from '../processes/process.ts'
import { requireSpace } from '../space.ts'
import { type PostgresPrograms, postgresPrograms } from './programs.ts'
import { type PostgresUser, postgresUser } from './user.ts'

/** A Postgres data folder and how to run the programs on it. */
export interface Cluster {
  folder: string
  logFile: string
  password: string
  programs: PostgresPrograms
  runAs: PostgresUser
}

/** Opens `<dataDir>/postgres`, and makes the cluster and its password at the first start. */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const parent = join(dataDir, 'postgres')
  await mkdir(parent, { recursive: true })
  const runAs = await postgresUser(parent)
  const cluster = {
    folder: join(parent, 'cluster'),
    logFile: join(dataDir, 'logs', 'postgres.log'),
    password: await keptPassword(join(dataDir, 'postgres.password')),
    programs: await postgresPrograms(runAs.owner),
    runAs,
  }
  if (!existsSync(cluster.folder)) await initialise(cluster)
  return cluster
}

/** Tells how to start one of the cluster's programs. */
export function programOptions(
  cluster: Cluster,
  program: keyof PostgresPrograms,
  args: string[],
): Omit<ProcessOptions, 'ready'> {
  const { owner, wrapper } = cluster.runAs
  const [command = '', ...rest] = [...wrapper, cluster.programs[program], ...args]
  // The wrapper, where there is one, changes the user itself.
  const user = wrapper.length === 0 && owner ? { user: owner } : {}
  return { name: program, command, args: rest, cwd: dirname(cluster.folder), logFile: cluster.logFile, ...user }
}

/**
 * Gives the password. It is made once and kept in a file that only we can read, so that a later start on the same data
 * finds it.
 */
async function keptPassword(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFile(file, 'utf8')
}

/** Room for a new cluster and its first log files, bytes. */
const CLUSTER_BYTES = 200e6

/**
 * Makes the cluster beside its place and moves it there: a start that was interrupted leaves nothing that looks whole.
 */
async function initialise(cluster: Cluster): Promise<void> {
  const unfinished = `${cluster.folder}.part`
  const passwordFile = `${cluster.folder}.password`
  await rm(unfinished, { recursive: true, force: true })
  await requireSpace(dirname(cluster.folder), CLUSTER_BYTES)
  await writeFile(passwordFile, cluster.password, { mode: 0o600 })
  try {
    const { owner } = cluster.runAs
    if (owner) await chown(passwordFile, owner.uid, owner.gid)
    const flags = [
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ]
    await runProcess(programOptions(cluster, 'initdb', [`--pgdata=${unfinished}`, ...flags]))
    await rename(unfinished, cluster.folder)
  } finally {
    await rm(passwordFile, { force: true })
  }
}
