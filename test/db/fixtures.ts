import { hexToBytes, serializeTransaction } from 'viem'
import { afterAll } from 'vitest'
import type { NewAttempt } from '../../db/attempts/attempt-rows.ts'
import { connect, type Db } from '../../db/connection/connect.ts'
import { migrate } from '../../db/deployment/migrate.ts'
import { blobRef } from '../../db/proofs/blobs.ts'
import type { NewProof } from '../../db/proofs/proof-record.ts'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { SequenceIntent } from '../../protocol/sender/intent.ts'
import { createTestDatabase } from '../support/database.ts'

export const MINER: Address = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'

/** Makes a migrated database for a test file, and tells its address. It is closed when the file is done. */
export async function openTestDatabase(): Promise<{ db: Db; url: string }> {
  const url = await createTestDatabase()
  await migrate(url)
  return { db: openAs(url), url }
}

/** Opens another pool, or one of another user. It is closed when the file is done. */
export function openAs(url: string, login: { name?: string; password?: string } = {}): Db {
  const address = new URL(url)
  if (login.name !== undefined) address.username = login.name
  if (login.password !== undefined) address.password = encodeURIComponent(login.password)
  const connection = connect(address.href, { maxConnections: 4 })
  afterAll(() => connection.close())
  return connection.db
}

/** Makes 32 bytes that stand for something. */
export const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

/** Makes a promise, and what fulfils it. */
export function gate(): [() => void, Promise<void>] {
  const { promise, resolve } = Promise.withResolvers<void>()
  return [resolve, promise]
}

/** Gives what was thrown, for a look at more than its class. */
export async function failureOf(doing: Promise<unknown>): Promise<Error> {
  try {
    await doing
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('Nothing was thrown.')
}

/** Makes a final proof's record, and doesn't store its bytes. */
export const finalProof = (proof: Uint8Array, change: Partial<NewProof> = {}): NewProof & { stage: 'final' } => ({
  taskId: hash(1),
  rollup: 'payments',
  from: 1,
  to: 3,
  accInputHash: hash(103),
  verificationKeyHash: hash(9),
  miner: MINER,
  prover: 'p1',
  durationMs: 1200,
  peakMemoryBytes: 1_000_000,
  ...blobRef(proof),
  ...change,
  stage: 'final',
})

/** Makes an intent to commit to sequence 1-3. */
export const commitIntent = (change: Partial<SequenceIntent> = {}): SequenceIntent => ({
  ...{ rollup: 'payments', from: 1, to: 3, accInputHash: hash(103), contract: MINER },
  ...{ step: 'commit', firstBlock: 10, lastBlock: 30, finalProof: { sha256: hash(7), size: 700, proofHash: hash(8) } },
  ...change,
})

/** Bytes of a transaction that calls somebody. */
const RAW = hexToBytes(serializeTransaction({ chainId: 31337, type: 'eip1559', to: MINER, gas: 1n }))

/** Makes the first attempt of nonce 5 to commit to sequence 1-3. */
export const attempt = (change: Partial<NewAttempt> = {}): NewAttempt => ({
  chainId: 31337,
  account: MINER,
  nonce: 5,
  attempt: 0,
  txHash: hash(1),
  raw: RAW,
  maxFeePerGas: 2n ** 256n - 1n,
  maxPriorityFeePerGas: 1n,
  purpose: commitIntent(),
  ...change,
})
