import { sql } from 'drizzle-orm'
import { bigint, customType, numeric, pgSchema, text } from 'drizzle-orm/pg-core'
import type { Address, Hex } from '../../protocol/base/ranges.ts'

/** Makes a column of 32 bytes as `0x` and 64 lower-case hex digits. */
export const hash = () => text().$type<Hex>()

/** Makes a column of 20 bytes as `0x` and 40 hex digits, lower-case: queries compare texts. */
export const address = () => text().$type<Address>()

/** Makes a column of batch numbers, block numbers, sizes and milliseconds. */
export const ordinal = () => bigint({ mode: 'number' })

/** Makes a column of wei; 78 digits hold 2^256 - 1. */
export const wei = () => numeric({ precision: 78, scale: 0, mode: 'bigint' })

/** A moment, as ISO text with milliseconds, which is what crosses to workflows and JSON. */
export const moment = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp(3) with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
})

/** Bytes. The driver gives buffers; callers see plain arrays. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (buffer) => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength),
})

/** Makes two columns for first and last batch; `from` and `to` are words of SQL. */
export const range = () => ({
  from: bigint('from_batch', { mode: 'number' }).notNull(),
  to: bigint('to_batch', { mode: 'number' }).notNull(),
})

/**
 * Makes the columns of what a prover says of a proof, as `proverWords` bounds it; with {@link proverWordsAreBounded}.
 */
export const proverSays = () => ({
  prover: text().notNull(), // as it calls itself
  durationMs: ordinal().notNull(),
  peakMemoryBytes: ordinal().notNull(),
})

/** Bounds a prover's words. Figures go up to 2^53 - 1, which JavaScript counts without gaps. */
export const proverWordsAreBounded = sql`length(prover) <= 200
  and duration_ms between 0 and 9007199254740991 and peak_memory_bytes between 0 and 9007199254740991`

/** Everything of ours is in one schema, so that the database may be shared. */
export const zkpow = pgSchema('zkpow')
