import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figures } from './benchmark.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A checkout that can be measured. */
export interface Build {
  name: string
  folder: string
}

export const THIS_BUILD: Build = { name: 'this build', folder: ROOT }

/**
 * Checks another revision out into a folder of its own, with the packages of this build, for as long as `use` takes.
 * @param replaced files and folders in which it has those of this build.
 * @throws Error when git has no such revision, or it has no benchmarks.
 */
export async function withRevision<T>(
  revision: string,
  replaced: readonly string[],
  use: (build: Build) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'zkpow-bench-'))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  try {
    git('worktree', 'add', '--quiet', '--detach', folder, revision)
    for (const path of replaced) {
      rmSync(join(folder, path), { recursive: true, force: true })
      cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    }
    if (!existsSync(join(folder, 'bench/run.ts')))
      throw new Error(`${revision} has no benchmarks: name a revision that has the folder bench/.`)
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    return await use({ name: revision, folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
    git('worktree', 'prune')
  }
}

/**
 * Measures once in a process of its own, so that no build profits from what another has warmed up.
 * @param command a program of bench/, and its arguments.
 */
export async function measureIn(
  { folder }: Build,
  [program, ...args]: readonly [string, ...string[]],
): Promise<Figures> {
  const command = [join(folder, 'bench', program), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder, maxBuffer: 2 ** 26 })
  return JSON.parse(stdout)
}
