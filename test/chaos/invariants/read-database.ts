import { createHash } from 'node:crypto'
import { bytesToHex, type Hex, hexToBigInt, keccak256, sha256, zeroHash } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { World } from '../world/world.ts'
import type { AttemptFacts, DatabaseFacts, ProofFacts } from './facts.ts'
import { nodeClient } from './read-chain.ts'

/** The part of a world that the database and its contracts need. */
type Deployed = Pick<World, 'sql' | 'stack' | 'deployment'>

/** Reads everything that is judged of the database as it is now. */
export async function readDatabase(world: Deployed): Promise<DatabaseFacts> {
  const { sql } = world
  return {
    attempts: await readAttempts(world),
    proofs: await readProofs(world),
    uploads: (
      await sql`
        select u.task_id, u.sha256, u.prover, extract(epoch from u.uploaded_at)::float * 1000 as uploaded,
          exists (select from zkpow.proof_refusals r where r.task_id = u.task_id and r.sha256 = u.sha256) as refused
        from zkpow.proof_uploads u`
    ).map((row) => {
      return {
        taskId: row.task_id,
        sha256: row.sha256,
        prover: row.prover,
        uploadedAtMs: row.uploaded,
        isRefused: row.refused,
      }
    }),
    sequences: (
      await sql`select rollup, from_batch::int as from_batch, to_batch::int as to_batch, phase, text, outcome from zkpow.sequences
        order by updated_at desc`
    ).map((row) => {
      return {
        rollup: row.rollup,
        from: row.from_batch,
        to: row.to_batch,
        phase: row.phase,
        text: row.text,
        outcome: row.outcome,
      }
    }),
    readAtMs: Date.now(),
  }
}

async function readAttempts({ sql }: Deployed): Promise<AttemptFacts[]> {
  const rows =
    await sql`select *, extract(epoch from stored_at)::float * 1000 as stored from zkpow.attempts order by nonce, attempt`
  return rows.map((row) => ({
    account: row.account,
    nonce: Number(row.nonce),
    attempt: row.attempt,
    txHash: row.tx_hash,
    raw: bytesToHex(row.raw),
    storedAtMs: row.stored,
    isBroadcast: row.broadcast_at !== null,
    sentAtBlock: row.sent_at_block === null ? null : Number(row.sent_at_block),
    intent: row.rollup === null ? null : `${row.step} ${row.rollup} ${row.to_batch}`,
    final:
      row.is_final && row.outcome === 'mined'
        ? {
            ...{ block: Number(row.mined_block), blockHash: row.block_hash, status: row.status },
            gasUsed: BigInt(row.gas_used),
            gasPriceWei: row.effective_gas_price === null ? null : BigInt(row.effective_gas_price),
          }
        : null,
  }))
}

async function readProofs(world: Deployed): Promise<ProofFacts[]> {
  const rows = await world.sql`
    select p.*, p.from_batch::int as first, p.to_batch::int as last, extract(epoch from p.verified_at)::float * 1000 as verified, b.bytes
    from zkpow.proofs p left join zkpow.blobs b using (sha256)`
  return Promise.all(
    rows.map(async (row) => {
      const isWhole = row.bytes !== null && sha256Of(row.bytes) === row.sha256
      const isFinal = isWhole && row.stage === 'final'
      return {
        ...{
          taskId: row.task_id,
          rollup: row.rollup,
          stage: row.stage,
          from: row.first,
          to: row.last,
          sha256: row.sha256,
        },
        verifiedAtMs: row.verified,
        isWhole,
        keccak: isFinal ? keccak256(row.bytes) : null,
        isAccepted: isFinal ? await isAccepted(world, { ...row, proof: bytesToHex(row.bytes) } as never) : null,
      }
    }),
  )
}

/** Asks the verifier that the contract has, with the public input as the contract itself puts it together. */
async function isAccepted(
  world: Deployed,
  p: { rollup: string; first: number; last: number; acc_input_hash: Hex; proof: Hex },
): Promise<boolean | null> {
  const rollup = world.deployment.rollups.find(({ name }) => name === p.rollup)
  if (rollup === undefined) return null
  const client = nodeClient(world)
  const at = { address: rollup.rollup, abi: rollupAbi, account: rollup.miner.walletClient.account } as const
  const range = [BigInt(p.first - 1), BigInt(p.last)] as const
  const [accInputHash] = await client.readContract({ ...at, functionName: 'sequencedBatches', args: [range[1]] })
  const rootOf = (batch: bigint) => client.readContract({ ...at, functionName: 'batchNumToStateRoot', args: [batch] })
  const [before, after] = [await rootOf(range[0]), await rootOf(range[1])]
  if (accInputHash !== p.acc_input_hash || after === zeroHash) return null
  const input = await client.readContract({
    ...at,
    functionName: 'getInputSnarkBytes',
    args: [...range, zeroHash, before, after],
  })
  const verifier = await client.readContract({ ...at, functionName: 'rollupVerifier' })
  const publicInput = hexToBigInt(sha256(input)) % FIELD
  return client.readContract({
    address: verifier,
    abi: VERIFIER,
    functionName: 'verifyProof',
    args: [p.proof, [publicInput]],
  })
}

/** Order of the BN254 scalar field. */
const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

const VERIFIER = [
  {
    type: 'function',
    name: 'verifyProof',
    stateMutability: 'view',
    inputs: [
      { name: 'proof', type: 'bytes' },
      { name: 'pubSignals', type: 'uint256[1]' },
    ],
    outputs: [{ name: '', type: 'bool' }],
  },
] as const

export const sha256Of = (bytes: Uint8Array): Hex => `0x${createHash('sha256').update(bytes).digest('hex')}`
