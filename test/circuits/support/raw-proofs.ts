import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js'
import type { Stage } from '../../../protocol/proof/task.ts'
import { artifactPaths } from '../../../provers/noir/artifacts.ts'
import { bbEnvironment, VERIFIER_TARGET } from '../../../provers/noir/bb.ts'

const run = promisify(execFile)

/** Where a program is, and what its proofs are for. */
export interface Program {
  path: string
  target: string
  /** Its verification key. */
  keyPath: string
}

export const programOf = (artifactsDir: string, stage: Stage): Program => {
  const paths = artifactPaths(artifactsDir)
  return { path: paths.program(stage), target: VERIFIER_TARGET[stage], keyPath: paths.verificationKey(stage) }
}

/**
 * Tells whether inputs of the caller's own making lead to a proof that verifies. What an honest prover never feeds its
 * circuit, a cheat may.
 * @throws when the inputs have no witness: then it is the circuit that refused, and not the backend.
 */
export async function isProvable(artifactsDir: string, program: Program, inputs: object): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'zkpow-cheat-'))
  try {
    const compiled = JSON.parse(await readFile(program.path, 'utf8')) as CompiledCircuit
    const { witness } = await new Noir(compiled).execute(inputs as InputMap)
    await writeFile(join(dir, 'witness.gz'), witness)
    const bb = bbOf(artifactsDir, program.target)
    await bb('prove', '-b', program.path, '-w', join(dir, 'witness.gz'), '-k', program.keyPath, '-o', dir)
    await bb('verify', '-k', program.keyPath, '-p', join(dir, 'proof'), '-i', join(dir, 'public_inputs'))
    return true
  } catch (error) {
    if (error instanceof Error && 'stderr' in error) return false // bb ended with an error
    throw error
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Makes a program's key. */
export async function writeKey(artifactsDir: string, program: Program): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'zkpow-cheat-'))
  try {
    await bbOf(artifactsDir, program.target)('write_vk', '-b', program.path, '-o', dir)
    await writeFile(program.keyPath, await readFile(join(dir, 'vk')))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function bbOf(artifactsDir: string, target: string) {
  const { bb, crs } = artifactPaths(artifactsDir)
  return (...args: string[]) => run(bb, [...args, '-t', target], { env: bbEnvironment({ crsDir: crs, threads: 2 }) })
}
