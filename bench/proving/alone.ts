import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, zeroHash } from 'viem'
import { paymentsCircuits } from '../../kinds/payments/circuits.ts'
import { genesisOf } from '../../kinds/payments/genesis.ts'
import { payments } from '../../kinds/payments/kind.ts'
import { accountKey, signTransfer } from '../../kinds/payments/sign-transfer.ts'
import { encodeBatchData, SLOTS } from '../../kinds/payments/transfer.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { MadeProof, ProofJob } from '../../protocol/proof/prover.ts'
import { STAGES, type Stage } from '../../protocol/proof/task.ts'
import { createNoirProver } from '../../provers/noir/prover.ts'
import { percentile } from '../load/scheduling/percentile.ts'

const IDS = { chainId: '1000', forkId: '1' }
const MINER: Address = '0x00000000000000000000000000000000000000aa'
const KEYS = [1n, 2n].map((n): Hex => `0x${n.toString(16).padStart(64, '0')}`)

/** What a proof of each stage takes when nothing else runs. */
export interface Alone {
  /** Median, ms. */
  ms: Record<Stage, number>
  /** The most that any of them took, bytes. */
  peakMemoryBytes: Record<Stage, number>
}

/**
 * Makes real proofs of the payments rollup one at a time, without servers: two batches, and from them one aggregate and
 * one final proof, `tries` times.
 * @param p.threads threads of each proof
 */
export async function proveAlone(p: { artifactsDir: string; threads: number; tries: number }): Promise<Alone> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-bench-'))
  const made: Record<Stage, MadeProof[]> = { batch: [], aggregate: [], final: [] }
  try {
    const prover = await createNoirProver({ circuits: paymentsCircuits, ...p, scratchDir })
    const prove = async (job: ProofJob) => {
      const proof = await prover.prove(job, { signal: new AbortController().signal, onProgress: () => {} })
      made[job.stage].push(proof)
      return proof.proof
    }
    const inputs = await batchInputs(2)
    for (let i = 0; i < p.tries; i++) {
      const children: Uint8Array[] = []
      for (const input of inputs) children.push(await prove({ stage: 'batch', input, children: [] }))
      const joined = await prove({ stage: 'aggregate', input: new Uint8Array(), children })
      await prove({ stage: 'final', input: payments.finalInput({ miner: MINER }), children: [joined] })
    }
  } finally {
    await rm(scratchDir, { recursive: true, force: true })
  }
  const ofEach = (figure: (proofs: readonly MadeProof[]) => number) =>
    Object.fromEntries(STAGES.map((stage) => [stage, figure(made[stage])])) as Record<Stage, number>
  return {
    ms: ofEach((proofs) =>
      percentile(
        proofs.map(({ durationMs }) => durationMs),
        0.5,
      ),
    ),
    peakMemoryBytes: ofEach((proofs) => Math.max(...proofs.map(({ peakMemoryBytes }) => peakMemoryBytes))),
  }
}

/** Gives inputs of batches that are full of signed transfers, each executed on the state after the one before. */
async function batchInputs(count: number): Promise<Uint8Array[]> {
  const [privateKey] = KEYS
  if (privateKey === undefined) throw new RangeError('There is no key.')
  let before = payments.genesis(genesisOf(KEYS.map((key) => ({ ...accountKey(key), balance: 10n ** 12n }))))
  const inputs: Uint8Array[] = []
  for (let batch = 0; batch < count; batch++) {
    const bodies = Array.from({ length: SLOTS }, (_, i) => BigInt(batch * SLOTS + i))
    const transfers = bodies.map((nonce) =>
      signTransfer({ privateKey, chainId: BigInt(IDS.chainId), body: { from: 0, to: 1, amount: 1n, nonce } }),
    )
    const posted = {
      transactions: encodeBatchData(await Promise.all(transfers)),
      ...{ globalExitRoot: zeroHash, timestamp: 1_700_000_000n, coinbase: MINER },
    }
    const executed = await payments.executeBatch(before, posted, IDS)
    inputs.push(executed.input)
    before = executed.after
  }
  return inputs
}
