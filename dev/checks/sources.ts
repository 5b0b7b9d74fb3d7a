import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What an unpacked archive has besides, once it was used. */
const NOT_OURS = ['.git', 'node_modules', 'data', 'coverage', 'target']

/**
 * Lists what is ours in a folder, for all checks: the files that git knows or would take up, so new ones are among
 * them. What is no checkout, such as an unpacked archive, has those that are there.
 * @returns paths from `root`.
 */
export function listSources(root: string): string[] {
  const files = new Set(listByGit(root) ?? listByLook(root)) // during a merge git lists a file once for each side
  return [...files].filter((file) => file !== '' && file !== 'node_modules' && existsSync(join(root, file)))
}

function listByGit(root: string): string[] | null {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\0')
  } catch {
    return null
  }
}

const listByLook = (root: string): string[] =>
  globSync(['**/*', '**/.*'], { cwd: root, exclude: (path) => NOT_OURS.includes(path.split('/').at(-1) ?? '') }).filter(
    (path) => statSync(join(root, path)).isFile(),
  )

/** Reads the lines of a file; none when a program writes it, as its first line says. */
export function handWrittenLines(root: string, file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8').trimEnd().split('\n')
  return lines[0]?.startsWith('// Written by ') ? [] : lines
}

/** Tells what was found wrong and sets the exit code, or says that all is well. */
export function conclude(problems: readonly string[], allIsWell: string): void {
  for (const problem of problems) console.error(problem)
  if (problems.length === 0) console.log(allIsWell)
  else process.exitCode = 1
}
