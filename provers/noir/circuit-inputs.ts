import { randomInt } from 'node:crypto'
import type { InputMap } from '@noir-lang/noir_js'
import { z } from 'zod'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { ProofJob } from '../../protocol/proof/prover.ts'
import { EMPTY_LOCAL_EXIT_ROOT, inputSnark } from '../../protocol/proof/public-input.ts'
import { fromFields, type StatementFields, word } from '../statement-fields.ts'
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

/**
 * Arguments of a stage's `main`, named as in circuits/.
 * @throws UnprovableInputError when the job's bytes have not the form of that stage's input and children.
 */
export function circuitInputs(job: ProofJob, keys: ChildKeys): InputMap {
  switch (job.stage) {
    case 'batch':
      return batchInputs(job, keys)
    case 'aggregate':
      return aggregateInputs(job, keys)
    case 'final':
      return finalInputs(job, keys)
  }
}

/**
 * The input is the batch's own, apart from the key hash that every statement carries: so it doesn't depend on the build
 * of the circuits. It may leave some arguments open: each of its `choices` completes it, and every attempt takes one
 * that nobody can foresee.
 */
function batchInputs(job: ProofJob, keys: ChildKeys): InputMap {
  expectChildren(job, 0)
  const { choices = [{}], ...input } = parseInput(job, batchInput)
  const choice = choices[randomInt(choices.length)]
  return {
    ...input,
    ...choice,
    statement: { ...input.statement, agg_key_hash: keys.aggregate.hash },
  } as unknown as InputMap
}

function aggregateInputs(job: ProofJob, keys: ChildKeys): InputMap {
  expectChildren(job, 2)
  const left = childProof(job, 0)
  const right = childProof(job, 1)
  return {
    left: child(left, keys),
    right: child(right, keys),
    statement: join(left.statement, right.statement),
  } as unknown as InputMap
}

function finalInputs(job: ProofJob, keys: ChildKeys): InputMap {
  expectChildren(job, 1)
  const { miner } = parseInput(job, finalInput)
  const proof = childProof(job, 0)
  const publicInput = finalPublicInput(proof.statement, miner)
  return { child: child(proof, keys), miner, input_hash: publicInput } as unknown as InputMap
}

/** The final proof's only public input, as a word. */
export function finalPublicInput(statement: StatementFields, miner: Address): Hex {
  // the letters' case is a checksum for people, which encoders insist on
  const lowerCase = miner.toLowerCase() as Address
  return word(
    inputSnark({ miner: lowerCase, statement: fromFields(statement), newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT }),
  )
}

/** `Child` in circuits/lib. Only a batch proof is about one batch: an aggregate joins at least two. */
function child({ statement, proof }: RecursiveProof, keys: ChildKeys) {
  const isBatch = BigInt(statement.new_batch_num) - BigInt(statement.old_batch_num) === 1n
  const key = isBatch ? keys.batch : keys.aggregate
  return { verification_key: key.words, key_hash: key.hash, proof, statement }
}

/** What the circuit will insist on: its own checks refuse children that don't meet. */
const join = (left: StatementFields, right: StatementFields): StatementFields => ({
  ...left,
  new_state_root: right.new_state_root,
  new_acc_hi: right.new_acc_hi,
  new_acc_lo: right.new_acc_lo,
  new_batch_num: right.new_batch_num,
})

function childProof({ stage, children }: ProofJob, index: number): RecursiveProof {
  const proof = parseRecursiveProof(children[index] ?? new Uint8Array())
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
