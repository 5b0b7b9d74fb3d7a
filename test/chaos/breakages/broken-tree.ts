import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyTree } from '../../support/runner/copied-tree.ts'
import type { Breakage } from './breakage.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Makes a copy of the sources with the breakage in it, for as long as `use` takes. The tree itself is never touched.
 */
export async function withBrokenTree<T>(breakage: Breakage, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `zkpow-broken-${breakage.name}-`))
  try {
    copyTree(folder)
    for (const { file, ...patch } of breakage.patches) {
      writeFileSync(join(folder, file), patched(readFileSync(join(folder, file), 'utf8'), { file, ...patch }))
    }
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Patches a source.
 * @throws Error unless the text stands in the source exactly once: the code has moved on, and the breakage must follow.
 */
export function patched(source: string, { file, from, to }: Breakage['patches'][number]): string {
  const [before, after, ...more] = source.split(from)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} doesn't hold this exactly once: ${from}`)
  return before + to + after
}

export const readSource = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
