import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listSources } from '../../../dev/checks/sources.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Copies the sources into a folder, to be broken or run there, with the packages that are installed here. */
export function copyTree(folder: string): void {
  for (const file of listSources(ROOT)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(ROOT, file), join(folder, file))
  }
  symlinkSync(installedPackages(), join(folder, 'node_modules'))
}

export const installedPackages = (): string => realpathSync(join(ROOT, 'node_modules'))
