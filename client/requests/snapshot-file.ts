import { z } from 'zod'
import { blobRef } from '../../db/proofs/blobs.ts'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { RollupState } from '../../protocol/proof/rollup-kind.ts'
import { SnapshotRefusedError } from '../errors.ts'

/** A rollup's state after a batch, and whose it is. */
export interface SnapshotFile {
  kind: string
  chainId: number
  contract: Address
  state: RollupState
}

/** Characters of a file: far more than any kind's state takes. */
const MAX_SNAPSHOT_CHARACTERS = 100_000_000

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const address = z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value))
const count = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

const schema = z.strictObject({
  zkpowSnapshot: z.literal(1), // the format's version is 1
  kind: z.string(),
  chainId: count,
  contract: address,
  batchNum: count,
  stateRoot: hash,
  accInputHash: hash,
  sha256: hash,
  state: z.base64(),
})

/** Makes the file's text. */
export function writeSnapshotFile({ kind, chainId, contract, state }: SnapshotFile): string {
  const { batchNum, stateRoot, accInputHash, snapshot } = state
  const { sha256 } = blobRef(snapshot)
  const bytes = Buffer.from(snapshot).toString('base64')
  return `${JSON.stringify({ zkpowSnapshot: 1, kind, chainId, contract, batchNum, stateRoot, accInputHash, sha256, state: bytes }, null, 2)}\n`
}

/** Reads what a file says; nothing of it is believed but that its bytes are whole. @throws SnapshotRefusedError */
export function readSnapshotFile(text: string): SnapshotFile {
  const parsed = schema.safeParse(parseJson(text))
  if (!parsed.success) throw new SnapshotRefusedError("it isn't a snapshot of this version of zkpow")
  const { kind, chainId, contract, batchNum, stateRoot, accInputHash, sha256, state } = parsed.data
  const snapshot = new Uint8Array(Buffer.from(state, 'base64'))
  const actual = blobRef(snapshot).sha256
  if (actual !== sha256)
    throw new SnapshotRefusedError(`its bytes have the SHA-256 ${actual}, not ${sha256}: it is damaged`)
  return { kind, chainId, contract, state: { batchNum, stateRoot, accInputHash, snapshot } }
}

function parseJson(text: string): unknown {
  try {
    return text.length > MAX_SNAPSHOT_CHARACTERS ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
