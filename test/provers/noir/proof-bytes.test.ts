import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paymentsCircuits as circuits } from '../../../kinds/payments/circuits.ts'
import { fromFields, toFields } from '../../../kinds/payments/statement-fields.ts'
import type { Address } from '../../../protocol/base/ranges.ts'
import type { ProofVerifier } from '../../../protocol/proof/backend.ts'
import type { Prover } from '../../../protocol/proof/prover.ts'
import { BN254_SCALAR_FIELD, word } from '../../../protocol/proof/public-input.ts'
import { joinStatements } from '../../../protocol/proof/statement.ts'
import { ArtifactsError } from '../../../provers/noir/artifacts.ts'
import { UnprovableInputError } from '../../../provers/noir/errors.ts'
import { createNoirProver } from '../../../provers/noir/prover.ts'
import { createNoirVerifier } from '../../../provers/noir/verifier.ts'
import { tinyArtifacts } from '../support/built-artifacts.ts'
import { batchJob, jsonBytes, statementOf } from '../support/tiny-jobs.ts'

const MINER: Address = '0x00000000000000000000000000000000000000Aa'
const PUBLIC_INPUT_BYTES = 11 * 32
const quietly = { signal: new AbortController().signal, onProgress: () => undefined }

let scratchDir: string
let prover: Prover
let verifier: ProofVerifier
let left: Uint8Array
let right: Uint8Array

beforeAll(async () => {
  const artifactsDir = await tinyArtifacts()
  scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-scratch-'))
  prover = await createNoirProver({ circuits, artifactsDir, threads: 1, scratchDir })
  verifier = await createNoirVerifier({ circuits, artifactsDir })
  left = (await prover.prove(batchJob(0), quietly)).proof
  right = (await prover.prove(batchJob(1), quietly)).proof
})

afterAll(() => rm(scratchDir, { recursive: true, force: true }))

test('fromFields(toFields(statement)) ≡ statement', () => {
  expect(fromFields(toFields(statementOf(3), word(9n)))).toEqual(statementOf(3))
})

test('a proof that verifies no other has the same bytes when it is made again', async () => {
  expect(Buffer.from((await prover.prove(batchJob(0), quietly)).proof).equals(left)).toBe(true)
})

test('time and memory are measured, phases are told', async () => {
  const phases: string[] = []
  const made = await prover.prove(batchJob(0), { ...quietly, onProgress: ({ phase }) => phases.push(phase) })
  expect(phases).toEqual(['witness', 'proof'])
  expect(made.durationMs).toBeGreaterThan(0)
  expect(made.peakMemoryBytes).toBeGreaterThan(10_000_000)
})

describe('a stored batch proof is refused', () => {
  test.each([
    { why: 'empty', change: () => new Uint8Array() },
    { why: 'truncated', change: (proof: Uint8Array) => proof.subarray(0, proof.length - 32) },
    { why: 'too long', change: (proof: Uint8Array) => Buffer.concat([proof, new Uint8Array(32)]) },
    { why: 'far too long', change: () => new Uint8Array(50_000_000) },
    { why: 'with another statement in its bytes', change: (proof: Uint8Array) => flipBit(proof, 31) },
    {
      why: 'with a point that is on no curve',
      change: (proof: Uint8Array) => flipBit(proof, PUBLIC_INPUT_BYTES + 10 * 32 + 31),
    },
    {
      why: 'with another evaluation',
      change: (proof: Uint8Array) => flipBit(proof, PUBLIC_INPUT_BYTES + 150 * 32 + 31),
    },
    { why: 'with its last bit changed', change: (proof: Uint8Array) => flipBit(proof, proof.length - 1) },
    {
      why: 'with a word that is no field element',
      change: (proof: Uint8Array) => addModulus(proof, PUBLIC_INPUT_BYTES + 150 * 32),
    },
    {
      why: 'of zeroes behind the right statement',
      change: (proof: Uint8Array) => Buffer.concat([proof.subarray(0, PUBLIC_INPUT_BYTES), new Uint8Array(410 * 32)]),
    },
  ])('$why', async ({ change }) => {
    expect(await verifier.verify({ stage: 'batch', statement: statementOf(0), proof: left })).toBe(true)
    expect(await verifier.verify({ stage: 'batch', statement: statementOf(0), proof: change(left) })).toBe(false)
  })
})

test('a claim that no circuit could make is refused, not an error', async () => {
  const statement = { ...statementOf(0), newStateRoot: word(BN254_SCALAR_FIELD + 101n) }
  expect(await verifier.verify({ stage: 'batch', statement, proof: left })).toBe(false)
})

test('a final proof is bound to statement and miner, and any other bytes are refused', async () => {
  const statement = joinStatements([statementOf(0), statementOf(1)])
  const aggregate = await prover.prove(
    { stage: 'aggregate', input: new Uint8Array(), children: [left, right] },
    quietly,
  )
  expect(await verifier.verify({ stage: 'aggregate', statement, proof: aggregate.proof })).toBe(true)
  const { proof } = await prover.prove(
    { stage: 'final', input: jsonBytes({ miner: MINER }), children: [aggregate.proof] },
    quietly,
  )
  const claim = { stage: 'final' as const, statement, miner: MINER, proof }
  expect(await verifier.verify(claim)).toBe(true)
  expect(await verifier.verify({ ...claim, statement: statementOf(0) })).toBe(false)
  expect(await verifier.verify({ ...claim, miner: '0x00000000000000000000000000000000000000ab' })).toBe(false)
  const others = [
    new Uint8Array(),
    proof.subarray(32),
    proof.subarray(1),
    Buffer.concat([proof, new Uint8Array(32)]),
    new Uint8Array(50_000_000),
  ]
  for (const other of others) expect(await verifier.verify({ ...claim, proof: other })).toBe(false)
})

describe('what can’t be proved is a fatal error', () => {
  test.each([
    { why: 'a false statement', job: () => batchJob(0, 2), message: /the root must move by the step/ },
    {
      why: 'bytes that are no JSON',
      job: () => ({ ...batchJob(0), input: new Uint8Array([1]) }),
      message: /not the form/,
    },
    {
      why: 'an input of another shape',
      job: () => ({ ...batchJob(0), input: jsonBytes({ statement: {} }) }),
      message: /old_state_root/,
    },
    {
      why: 'one child of two',
      job: () => ({ stage: 'aggregate' as const, input: new Uint8Array(), children: [left] }),
      message: /takes 2 children, got 1/,
    },
    {
      why: 'a truncated child',
      job: () => ({ stage: 'aggregate' as const, input: new Uint8Array(), children: [left, right.subarray(32)] }),
      message: /child 1 is not/,
    },
    {
      why: 'children that are no neighbours',
      job: () => ({ stage: 'aggregate' as const, input: new Uint8Array(), children: [right, left] }),
      message: /neighbours/,
    },
    {
      why: 'a miner that is no address',
      job: () => ({ stage: 'final' as const, input: jsonBytes({ miner: '0x12' }), children: [left] }),
      message: /not the form/,
    },
  ])('$why', async ({ job, message }) => {
    const error = await prover.prove(job(), quietly).catch((cause) => cause)
    expect(error).toBeInstanceOf(UnprovableInputError)
    expect(error.message).toMatch(message)
  })
})

test('missing artifacts name the command that makes them', async () => {
  const missing = createNoirVerifier({ circuits, artifactsDir: join(scratchDir, 'nothing') })
  await expect(missing).rejects.toThrow(ArtifactsError)
  await expect(missing).rejects.toMatchObject({ remedy: expect.stringContaining('npm run setup') })
})

/** Makes a copy with one bit of one byte changed. */
function flipBit(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[index] = (copy[index] ?? 0) ^ 1
  return copy
}

/** Makes a copy with the same field element at the index, in a second encoding. */
function addModulus(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Buffer.from(bytes)
  const value = BigInt(`0x${copy.subarray(index, index + 32).toString('hex')}`) + BN254_SCALAR_FIELD
  copy.write(value.toString(16).padStart(64, '0'), index, 'hex')
  return copy
}
