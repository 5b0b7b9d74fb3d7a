import { createHash } from 'node:crypto'
import type { Hex } from '../../protocol/base/ranges.ts'

/** sha256, by which both stores address bytes. Node's own: a proof is hashed at every look. */
export const hashOf = (bytes: Uint8Array): Hex => `0x${createHash('sha256').update(bytes).digest('hex')}`
