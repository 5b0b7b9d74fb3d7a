import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Copies the sources into a folder, to be broken or run there, with the packages that are installed here. */
export function copyTree(folder: string): void {
  for (const file of sources()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(ROOT, file), join(folder, file))
  }
  symlinkSync(installedPackages(), join(folder, 'node_modules'))
}

export const installedPackages = (): string => realpathSync(join(ROOT, 'node_modules'))

/** Files that git knows or would. */
function sources(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return listed.split('\0').filter((file) => file !== '' && file !== 'node_modules' && existsSync(join(ROOT, file)))
}
