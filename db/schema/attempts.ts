import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { IntentStep } from '../../protocol/sender-queue.ts'
import { address, bytes, hash, moment, ordinal, wei } from './columns.ts'
import { zkpow } from './zkpow.ts'

/**
 * One row per signed transaction, stored before it is broadcast. The key fences a second aggregator: whoever comes second gets the
 * first one's row and broadcasts that. Updated when it is broadcast, mined (or no longer, after a reorg) and final.
 */
export const attempts = zkpow.table(
  'attempts',
  {
    chainId: ordinal().notNull(),
    account: address().notNull(),
    nonce: ordinal().notNull(),
    attempt: integer().notNull(), // 0 is the nonce's first, replacements count up
    txHash: hash().notNull().unique('attempts_tx_hash_key'),
    raw: bytes().notNull(),
    maxFeePerGas: wei().notNull(),
    maxPriorityFeePerGas: wei().notNull(),

    // What it is for; all null for an empty self-transfer that only uses up its nonce.
    rollup: text(),
    fromBatch: ordinal(),
    toBatch: ordinal(),
    step: text().$type<IntentStep>(),
    firstBlock: ordinal(),
    lastBlock: ordinal(), // null: no limit
    finalProofSha256: hash(), // null for a claim

    storedAt: moment().notNull().default(sql`now()`),
    broadcastAt: moment(), // the last time
    sentAtBlock: ordinal(), // head at the first broadcast: fees are raised by its age

    outcome: text().$type<'mined' | 'replaced'>(),
    minedBlock: ordinal(),
    blockHash: hash(),
    gasUsed: bigint({ mode: 'bigint' }),
    effectiveGasPrice: wei(),
    status: text().$type<'success' | 'reverted'>(),
    isFinal: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'attempts_pkey', columns: [t.chainId, t.account, t.nonce, t.attempt] }),
    index('attempts_unfinal_idx').on(t.chainId, t.account).where(sql`not is_final`), // a sender's start
    index('attempts_sequence_idx').on(t.rollup, t.fromBatch, t.toBatch), // `listSequenceAttempts`
    uniqueIndex('attempts_mined_idx').on(t.chainId, t.account, t.nonce).where(sql`outcome = 'mined'`), // one of a nonce
    check(
      'attempts_mined_whole',
      sql`(outcome is not distinct from 'mined') = (num_nulls(mined_block, block_hash, gas_used, effective_gas_price, status) = 0)`,
    ),
    check('attempts_purpose_whole', sql`num_nulls(rollup, from_batch, to_batch, step, first_block) in (0, 5)`),
  ],
)
