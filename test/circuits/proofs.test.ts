import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hexToBytes, sha256 } from 'viem/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileCircuit } from '../../dev/setup/circuits/compile-circuit.ts'
import { accountAt, stateRoot } from '../../kinds/payments/account-tree.ts'
import { batchCircuitInput } from '../../kinds/payments/circuit-input.ts'
import { paymentsCircuits as circuits } from '../../kinds/payments/circuits.ts'
import type { State } from '../../kinds/payments/execute-batch.ts'
import { decodeTransfer, transferMessage } from '../../kinds/payments/transfer.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { ProofVerifier } from '../../protocol/proof/backend.ts'
import type { Prover } from '../../protocol/proof/prover.ts'
/**
 * What only the backend can decide: that odd batches have proofs, and that what the recursive circuits are given is
 * really verified.
 */
import { word } from '../../protocol/proof/public-input.ts'
import { artifactPaths } from '../../provers/noir/artifacts.ts'
import { type ChildKeys, circuitInputs } from '../../provers/noir/circuit-inputs.ts'
import { toWordList } from '../../provers/noir/proof-bytes.ts'
import { createNoirProver } from '../../provers/noir/prover.ts'
import { createNoirVerifier } from '../../provers/noir/verifier.ts'
import { realArtifacts } from '../provers/support/built-artifacts.ts'
import { INVALID_TRANSFERS } from './support/invalid-transfers.ts'
import { isProvable, type Program, programOf, writeKey } from './support/raw-proofs.ts'
import { BREAKING, execute, IDS, initialTree, type Scenario, slotOf, WEAK } from './support/scenario.ts'

const MINER = '0x00000000000000000000000000000000000000aa'
const quietly = { signal: new AbortController().signal, onProgress: () => undefined }
const json = (value: object) => new TextEncoder().encode(JSON.stringify(value))

let artifactsDir: string
let scratchDir: string
let prover: Prover
let verifier: ProofVerifier
let keys: ChildKeys

beforeAll(async () => {
  artifactsDir = await realArtifacts()
  scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-test-'))
  prover = await createNoirProver({ circuits, artifactsDir, threads: 2, scratchDir })
  verifier = await createNoirVerifier({ circuits, artifactsDir })
  const key = async (stage: 'batch' | 'aggregate') => ({
    words: toWordList(await readFile(artifactPaths(artifactsDir).verificationKey(stage))),
    hash: verifier.verificationKeyHashes[stage],
  })
  keys = { batch: await key('batch'), aggregate: await key('aggregate') }
})

afterAll(() => rm(scratchDir, { recursive: true, force: true }))

const proveBatch = async (scenario: Scenario) =>
  (await prover.prove({ stage: 'batch', input: json(batchCircuitInput(scenario)), children: [] }, quietly)).proof

test('bb alone can not judge a signature made to break it', async () => {
  const { keyX, keyY } = accountAt(initialTree, WEAK)
  const transfer = decodeTransfer(await slotOf(BREAKING))
  const digest = sha256(transferMessage(transfer, BigInt(IDS.chainId)))
  const bytes = (...parts: Hex[]) => parts.flatMap((part) => [...hexToBytes(part)])
  const program = await unblinded()
  const inputs = { x: bytes(keyX), y: bytes(keyY), signature: bytes(transfer.r, transfer.s), digest: bytes(digest) }
  expect(await isProvable(artifactsDir, program, inputs)).toBe(false)
  expect(await isProvable(artifactsDir, program, { ...inputs, digest: bytes(word(1n)) })).toBe(true)
})

describe('batches of what the backend may stumble over', () => {
  const malformed = INVALID_TRANSFERS.filter(({ status }) => status === 'bad-signature').filter(
    ({ wish }) => wish.tamper,
  )
  const absent = INVALID_TRANSFERS.filter(({ status }) => status === 'no-sender')
  let state: State | undefined
  const proved: { scenario: Scenario; proof: Uint8Array }[] = []

  test.each([0, 4, 8])('have proofs, and change nothing: from %i', async (start) => {
    const cases = [...malformed, ...absent].slice(start, start + 4)
    const scenario = await execute(
      cases.map(({ wish }) => wish),
      state,
    )
    const proof = await proveBatch(scenario)
    expect(scenario.statuses.slice(0, cases.length)).toEqual(cases.map(({ status }) => status))
    expect(stateRoot(scenario.after.tree)).toBe(stateRoot(initialTree))
    expect(await verifier.verify({ stage: 'batch', statement: scenario.statement, proof })).toBe(true)
    proved.push({ scenario, proof })
    state = scenario.after
  })

  test('are all of them in these batches', () => {
    expect(malformed.length + absent.length).toBeGreaterThan(8)
    expect(malformed.length + absent.length).toBeLessThanOrEqual(12)
  })

  /** Makes the inputs that an honest prover would make from the proofs so far. */
  const honest = (stage: 'aggregate' | 'final') => {
    const children = proved.slice(0, stage === 'aggregate' ? 2 : 1).map(({ proof }) => proof)
    const input = stage === 'final' ? json({ miner: MINER }) : new Uint8Array()
    return structuredClone(circuitInputs({ stage, input, children }, { circuits, keys })) as Record<
      string,
      ChildInput & Record<string, Hex>
    >
  }

  test('one batch alone has a final proof', async () => {
    const children = [proved[0]?.proof ?? new Uint8Array()]
    const { proof } = await prover.prove({ stage: 'final', input: json({ miner: MINER }), children }, quietly)
    const statement = proved[0]?.scenario.statement
    expect(statement && (await verifier.verify({ stage: 'final', statement, miner: MINER, proof }))).toBe(true)
  })

  test('final refuses a child under another key than its hash says', async () => {
    const inputs = honest('final')
    if (inputs.child) inputs.child.verification_key = keys.aggregate.words
    expect(await isProvable(artifactsDir, programOf(artifactsDir, 'final'), inputs)).toBe(false)
  })

  test('final refuses a child whose public inputs were changed', async () => {
    const inputs = honest('final')
    const cheat = circuitInputs(
      { stage: 'final', input: json({ miner: MINER }), children: [rerooted(proved[0]?.proof)] },
      { circuits, keys },
    )
    expect(cheat.input_hash).not.toEqual(inputs.input_hash)
    expect(await isProvable(artifactsDir, programOf(artifactsDir, 'final'), cheat)).toBe(false)
  })

  test('aggregate refuses a child under another key than its hash says', async () => {
    const inputs = honest('aggregate')
    if (inputs.left) inputs.left.verification_key = keys.aggregate.words
    expect(await isProvable(artifactsDir, programOf(artifactsDir, 'aggregate'), inputs)).toBe(false)
  })

  test('aggregate refuses a child whose public inputs were changed', async () => {
    const children = [rerooted(proved[0]?.proof), proved[1]?.proof ?? new Uint8Array()]
    const cheat = circuitInputs({ stage: 'aggregate', input: new Uint8Array(), children }, { circuits, keys })
    expect(await isProvable(artifactsDir, programOf(artifactsDir, 'aggregate'), cheat)).toBe(false)
  })
})

interface ChildInput {
  verification_key: Hex[]
}

/** Changes the old state root that stands first among a proof's public inputs. */
function rerooted(proof: Uint8Array = new Uint8Array()): Uint8Array {
  const changed = Uint8Array.from(proof)
  changed[31] = (changed[31] ?? 0) ^ 1
  return changed
}

/** Compiles the standard library's check, and makes its key. */
async function unblinded(): Promise<Program> {
  const root = fileURLToPath(new URL('./unblinded', import.meta.url))
  const path = join(scratchDir, 'unblinded.json')
  await writeFile(path, JSON.stringify(await compileCircuit({ root, packageDir: root }, new AbortController().signal)))
  const program = { path, target: 'noir-recursive-no-zk', keyPath: join(scratchDir, 'unblinded.vk') }
  await writeKey(artifactsDir, program)
  return program
}
