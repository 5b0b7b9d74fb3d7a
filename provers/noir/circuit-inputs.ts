import { randomInt } from 'node:crypto'
import type { InputMap } from '@noir-lang/noir_js'
import { z } from 'zod'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { ProofJob } from '../../protocol/proof/prover.ts'
import { word } from '../../protocol/proof/public-input.ts'
import type { NoirCircuits } from './circuits.ts'
import { UnprovableInputError } from './errors.ts'
import { parseRecursiveProof, type RecursiveProof } from './proof-bytes.ts'

/** A verification key as the circuits take it. */
export interface KeyFields {
  words: Hex[]
  hash: Hex
}

/** Keys of the stages whose proofs are verified inside another circuit. */
export interface ChildKeys {
  batch: KeyFields
  aggregate: KeyFields
}

const batchInput = z.looseObject({
  statement: z.looseObject({}),
  choices: z.array(z.looseObject({})).nonempty().optional(),
})
const finalInput = z.object({ miner: z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)]) })

/** What a job's arguments are made with, apart from the job. */
interface Making {
  circuits: NoirCircuits
  keys: ChildKeys
}

/**
 * Makes the arguments of a stage's `main`, named as {@link NoirCircuits} says.
 * @throws UnprovableInputError when the job's bytes have not the form of that stage's input and children.
 */
export function circuitInputs(job: ProofJob, making: Making): InputMap {
  switch (job.stage) {
    case 'batch':
      return batchInputs(job, making)
    case 'aggregate':
      return aggregateInputs(job, making)
    case 'final':
      return finalInputs(job, making)
  }
}

/**
 * Completes a batch's input, which is its own apart from the key hash that every statement carries: so it doesn't
 * depend on the build of the circuits. It may leave some arguments open: each of its `choices` completes it, and every
 * attempt takes one that nobody can foresee.
 */
function batchInputs(job: ProofJob, { keys }: Making): InputMap {
  expectChildren(job, 0)
  const { choices = [{}], ...input } = parseInput(job, batchInput)
  const choice = choices[randomInt(choices.length)]
  return {
    ...input,
    ...choice,
    statement: { ...input.statement, agg_key_hash: keys.aggregate.hash },
  } as unknown as InputMap
}

function aggregateInputs(job: ProofJob, making: Making): InputMap {
  expectChildren(job, 2)
  const left = childProof(job, making, 0)
  const right = childProof(job, making, 1)
  return {
    left: child(left, making),
    right: child(right, making),
    statement: making.circuits.joinFields(left.statement, right.statement),
  } as unknown as InputMap
}

function finalInputs(job: ProofJob, making: Making): InputMap {
  expectChildren(job, 1)
  const { miner } = parseInput(job, finalInput)
  const proof = childProof(job, making, 0)
  const { fromFields, finalPublicInput } = making.circuits
  const publicInput = word(finalPublicInput({ statement: fromFields(proof.statement), miner }))
  return { child: child(proof, making), miner, input_hash: publicInput } as unknown as InputMap
}

/** Makes a `Child` of circuits/lib. Only a batch proof is about one batch: an aggregate joins at least two. */
function child({ statement, proof }: RecursiveProof, { circuits, keys }: Making) {
  const { oldBatchNum, newBatchNum } = circuits.fromFields(statement)
  const isBatch = newBatchNum - oldBatchNum === 1
  const key = isBatch ? keys.batch : keys.aggregate
  return { verification_key: key.words, key_hash: key.hash, proof, statement }
}

function childProof({ stage, children }: ProofJob, { circuits }: Making, index: number): RecursiveProof {
  const proof = parseRecursiveProof(children[index] ?? new Uint8Array(), circuits)
  if (proof === undefined) throw new UnprovableInputError(stage, `child ${index} is not a batch or aggregate proof`)
  return proof
}

function expectChildren({ stage, children }: ProofJob, count: number): void {
  if (children.length !== count)
    throw new UnprovableInputError(stage, `it takes ${count} children, got ${children.length}`)
}

function parseInput<T>({ stage, input }: ProofJob, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(input)))
  } catch (cause) {
    throw new UnprovableInputError(stage, 'it has not the form that this stage takes', cause)
  }
}
