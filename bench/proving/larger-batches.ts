import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyCircuitSources } from '../../dev/setup/circuits/circuit-sources.ts'
import { compileCircuit } from '../../dev/setup/circuits/compile-circuit.ts'
import { makeKey } from '../../dev/setup/run-bb.ts'
import { SLOTS } from '../../kinds/payments/transfer.ts'
import { artifactPaths } from '../../provers/noir/artifacts.ts'

const CIRCUITS = fileURLToPath(new URL('../../circuits', import.meta.url))

/** The constant that says how many transfers a batch has. */
const constant = (slots: number) => `pub global SLOTS: u32 = ${slots};`

/**
 * Gates of the batch circuit if a batch had another number of transfers. Nothing else is changed, so no contract and no
 * other circuit fits it.
 */
export async function gatesOfBatch(artifactsDir: string, slots: number): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'zkpow-bench-'))
  const { signal } = new AbortController()
  const paths = artifactPaths(artifactsDir)
  try {
    await copyCircuitSources(CIRCUITS, root)
    const source = join(root, 'lib', 'src', 'batch.nr')
    const pieces = (await readFile(source, 'utf8')).split(constant(SLOTS))
    if (pieces.length !== 2) throw new Error(`${source} doesn't hold "${constant(SLOTS)}" once.`)
    await writeFile(source, pieces.join(constant(slots)))
    const program = join(root, 'batch.json')
    await writeFile(program, JSON.stringify(await compileCircuit({ root, packageDir: join(root, 'batch') }, signal)))
    return (await makeKey({ bb: paths.bb, crsDir: paths.crs, signal }, 'batch', program)).gates
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
