import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Abi, createPublicClient, createWalletClient, http, type PublicClient, toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileContracts } from '../../contracts/tooling/compile.ts'
import { deployHonkVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { paymentsCircuits as circuits, EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import { payments } from '../../kinds/payments/kind.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import type { ProofVerifier } from '../../protocol/proof/backend.ts'
import type { MadeProof, Prover } from '../../protocol/proof/prover.ts'
import { inputSnark } from '../../protocol/proof/public-input.ts'
import { joinStatements, type Statement } from '../../protocol/proof/statement.ts'
import { artifactPaths } from '../../provers/noir/artifacts.ts'
import { createNoirProver } from '../../provers/noir/prover.ts'
import { createNoirVerifier } from '../../provers/noir/verifier.ts'
import { type Anvil, startAnvil } from '../support/nodes/anvil.ts'
import { realArtifacts } from './support/built-artifacts.ts'
import { executedBatches } from './support/payments.ts'

const MINER: Address = '0x00000000000000000000000000000000000000aa'
const OTHER: Address = '0x00000000000000000000000000000000000000bb'
const quietly = { signal: new AbortController().signal, onProgress: () => undefined }

let artifactsDir: string
let scratchDir: string
let prover: Prover
let verifier: ProofVerifier
let statements: Statement[]
let batches: MadeProof[]
let joined: Statement
let aggregate: MadeProof
let final: MadeProof

beforeAll(async () => {
  artifactsDir = await realArtifacts()
  scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-test-'))
  prover = await createNoirProver({ circuits, artifactsDir, threads: 2, scratchDir })
  verifier = await createNoirVerifier({ circuits, artifactsDir })
  const executed = await executedBatches(2)
  statements = executed.map((batch) => batch.statement)
  joined = joinStatements(statements)
  batches = []
  for (const { input } of executed) batches.push(await prover.prove({ stage: 'batch', input, children: [] }, quietly))
  const children = batches.map(({ proof }) => proof)
  aggregate = await prover.prove({ stage: 'aggregate', input: new Uint8Array(), children }, quietly)
  final = await prover.prove(
    { stage: 'final', input: payments.finalInput({ miner: MINER }), children: [aggregate.proof] },
    quietly,
  )
  report({ batch: batches[0] as MadeProof, aggregate, final })
})

afterAll(() => rm(scratchDir, { recursive: true, force: true }))

describe('two batches, an aggregate and a final proof of the real circuits', () => {
  test('each verifies for its own statement', async () => {
    const claims = [
      { stage: 'batch' as const, statement: statements[0] as Statement, proof: (batches[0] as MadeProof).proof },
      { stage: 'aggregate' as const, statement: joined, proof: aggregate.proof },
      { stage: 'final' as const, statement: joined, miner: MINER, proof: final.proof },
    ]
    for (const claim of claims) expect(await verifier.verify(claim), claim.stage).toBe(true)
  })

  test('none verifies for another statement, stage or miner', async () => {
    const [first, second] = statements as [Statement, Statement]
    const [{ proof }] = batches as [MadeProof]
    expect(await verifier.verify({ stage: 'batch', statement: second, proof })).toBe(false)
    expect(await verifier.verify({ stage: 'aggregate', statement: first, proof })).toBe(false)
    expect(
      await verifier.verify({
        stage: 'aggregate',
        statement: { ...joined, newStateRoot: first.newStateRoot },
        proof: aggregate.proof,
      }),
    ).toBe(false)
    expect(await verifier.verify({ stage: 'final', statement: joined, miner: OTHER, proof: final.proof })).toBe(false)
  })

  test('a changed child is not aggregated', async () => {
    const changed = flipBit((batches[1] as MadeProof).proof, -1)
    const children = [(batches[0] as MadeProof).proof, changed]
    // The backend's own answer to a child that doesn't verify is not a proof, or one that doesn't verify either.
    const made = await prover
      .prove({ stage: 'aggregate', input: new Uint8Array(), children }, quietly)
      .catch(() => undefined)
    if (made) expect(await verifier.verify({ stage: 'aggregate', statement: joined, proof: made.proof })).toBe(false)
  })

  test('the generated contract accepts the final proof for its miner only, and no other bytes', async () => {
    const chain = await startAnvil()
    try {
      const verify = await deployVerifier(chain)
      expect(await verify(final.proof, MINER)).toBe(true)
      expect(await verify(final.proof, OTHER)).toBe(false)
      expect(await verify(flipBit(final.proof, 100), MINER)).toBe(false)
      expect(await verify(final.proof.subarray(32), MINER)).toBe(false)
    } finally {
      await chain.stop()
    }
  })

  test('proving leaves no scratch', async () => expect(await readdir(scratchDir)).toEqual([]))
})

/** Deploys the generated verifier with its adapter. Answers a function that asks it. */
async function deployVerifier({ url }: Anvil): Promise<(proof: Uint8Array, miner: Address) => Promise<boolean>> {
  const publicClient = createPublicClient({ chain: foundry, transport: http(url) })
  const account = mnemonicToAccount('test test test test test test test test test test test junk')
  const walletClient = createWalletClient({ account, chain: foundry, transport: http(url) })
  const artifacts = compileContracts({
    'HonkVerifier.sol': await readFile(artifactPaths(artifactsDir).solidityVerifier, 'utf8'),
  })
  const address = await deployHonkVerifier({ publicClient, walletClient }, artifacts)
  const abi = artifacts.HonkVerifierAdapter?.abi ?? []
  expect(await publicClient.readContract({ address, abi, functionName: 'srsName' })).toBe(verifier.srs.srsName)
  const verifierAddress = (await publicClient.readContract({ address, abi, functionName: 'verifier' })) as Address
  await reportGas(publicClient, verifierAddress, artifacts.HonkVerifier?.abi ?? [])
  return async (proof, miner) => {
    const publicInput = inputSnark({ miner, statement: joined, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT })
    return (await publicClient.readContract({
      address,
      abi,
      functionName: 'verifyProof',
      args: [toHex(proof), [publicInput]],
    })) as boolean
  }
}

/**
 * Reports the gas of the generated contract itself: the adapter answers also when its gas is too little, so an estimate
 * of it is worthless.
 */
async function reportGas(publicClient: PublicClient, address: Address, abi: Abi): Promise<void> {
  const publicInput = toHex(inputSnark({ miner: MINER, statement: joined, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT }), {
    size: 32,
  })
  const gas = await publicClient.estimateContractGas({
    address,
    abi,
    functionName: 'verify',
    args: [toHex(final.proof), [publicInput]],
  })
  console.log(`verify on chain: ${gas.toLocaleString('en')} gas`)
}

/** Makes a copy with one bit of one byte changed; negative indices count from the end. */
function flipBit(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = index < 0 ? bytes.length + index : index
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function report(made: Record<string, MadeProof>): void {
  for (const [stage, { proof, durationMs, peakMemoryBytes }] of Object.entries(made)) {
    console.log(
      `${stage}: ${(durationMs / 1000).toFixed(1)} s, ${(peakMemoryBytes / 1e6).toFixed(0)} MB, ${proof.length} bytes`,
    )
  }
}
