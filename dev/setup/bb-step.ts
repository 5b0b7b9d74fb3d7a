import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBbBinary } from '@aztec/bb.js/platform'
import { type CachedFolder, cachedFolder } from './cached-folder.ts'
import { SetupStepError } from './errors.ts'
import { CANONICAL_SRS, type Srs } from './srs/srs-format.ts'
import { BB_VERSION } from './versions.ts'

/** Copies the native `bb` of the package, made to verify under the given reference string. */
export function bbStep(cacheDir: string, srs: Srs): CachedFolder {
  return cachedFolder({
    id: `bb-${srs.name}`,
    title: `Prover (Barretenberg ${BB_VERSION}) for ${srs.name}`,
    cacheDir,
    inputs: { version: BB_VERSION, platform: `${process.platform}-${process.arch}`, srs: srs.name },
    build: (dir, report) => copyBb(bbPath(dir), srs, report),
    describe: async (dir) => bbPath(dir),
  })
}

/** Names the program in the step's folder. */
export const bbPath = (dir: string): string => join(dir, 'bb')

async function copyBb(path: string, srs: Srs, report: (fraction: undefined, text: string) => void): Promise<void> {
  report(undefined, 'copying the native program')
  const source = findBbBinary()
  if (source === null) {
    throw new SetupStepError(`@aztec/bb.js has no native bb for ${process.platform}-${process.arch}.`, {
      remedy: 'use Linux or macOS on x64 or arm64.',
    })
  }
  const program = await readFile(source)
  if (srs.isDevelopment) replaceOnce(program, CANONICAL_SRS.g2, srs.g2)
  await writeFile(path, program)
  await chmod(path, 0o755)
  // macOS ends programs whose signature no longer fits their bytes.
  if (srs.isDevelopment && process.platform === 'darwin')
    await promisify(execFile)('codesign', ['--force', '--sign', '-', path])
}

/** Replaces [τ]₂ of the canonical string, which verification has compiled in, as one constant. */
function replaceOnce(program: Buffer, constant: Buffer, replacement: Buffer): void {
  const first = program.indexOf(constant)
  if (first < 0 || program.indexOf(constant, first + 1) >= 0) {
    throw new SetupStepError(`bb ${BB_VERSION} does not hold the canonical G2 point exactly once.`, {
      remedy:
        'use the pinned version of @aztec/bb.js, or look how the new one stores its reference string (dev/setup/bb-step.ts).',
    })
  }
  replacement.copy(program, first)
}
