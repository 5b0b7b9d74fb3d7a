import { fileURLToPath } from 'node:url'
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js'
import { compileCircuit } from '../../../dev/setup/circuits/compile-circuit.ts'
import type { Stage } from '../../../protocol/proof/task.ts'

const ROOT = fileURLToPath(new URL('../../../circuits', import.meta.url))

/** A circuit of the checkout, compiled: its key constants are the committed zeroes. */
export interface Circuit {
  /** Computes a witness. @throws with the message of the assertion that failed. */
  execute(inputs: object): Promise<void>
}

/** Compiles a stage's circuit, which takes some seconds. */
export async function loadCircuit(stage: Stage): Promise<Circuit> {
  const program = await compileCircuit({ root: ROOT, packageDir: `${ROOT}/${stage}` }, new AbortController().signal)
  const noir = new Noir(program as unknown as CompiledCircuit)
  return {
    async execute(inputs) {
      await noir.execute(inputs as InputMap)
    },
  }
}
