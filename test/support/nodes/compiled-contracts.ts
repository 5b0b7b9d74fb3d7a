import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Artifacts,
  compileContracts,
  compilerInput,
  solidityCompiler,
} from '../../../contracts/tooling/compile.ts'
import { cacheDir } from '../../../dev/setup/cache.ts'

/**
 * Compiles as `compileContracts` does, once for all test files and runs. The result is kept in the cache folder by
 * everything that it depends on.
 */
export function compiledContracts(extraSources: Record<string, string> = {}): Artifacts {
  const key = createHash('sha256')
    .update(solidityCompiler.version)
    .update(compilerInput(extraSources))
    .digest('hex')
    .slice(0, 16)
  const file = join(cacheDir(), `test-contracts-${key}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const artifacts = compileContracts(extraSources)
  mkdirSync(cacheDir(), { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(artifacts))
  // It is there whole or not at all, for another test file may be reading.
  renameSync(`${file}.${process.pid}`, file)
  return artifacts
}
