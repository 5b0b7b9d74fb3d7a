import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Address } from '../../protocol/base/ranges.ts'
import type { IntentStep } from '../../protocol/sender/intent.ts'
import type { NodesAnswer } from '../../protocol/sender/nodes-answer.ts'
import { address, bytes, hash, moment, ordinal, wei, zkpow } from './columns.ts'

/**
 * One row per signed transaction, stored before it is broadcast. The key fences a second aggregator: whoever comes
 * second gets the first one's row and broadcasts that. A row is updated when its transaction is broadcast, mined (or no
 * longer, after a reorg) and final.
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

    // These say what it is for; all are null for an empty self-transfer that only uses up its nonce.
    rollup: text(),
    contract: text().$type<Address>(), // as configured
    step: text().$type<IntentStep>(),
    firstBlock: ordinal(),
    lastBlock: ordinal(), // null: no limit
    fromBatch: ordinal(), // with the next two: of a sequence
    toBatch: ordinal(),
    accInputHash: hash(), // the data it was signed for
    finalProofSha256: hash(), // with the next two; null for a claim
    finalProofSize: ordinal(),
    proofHash: hash(),
    stakeToWei: wei(), // for stake alone

    storedAt: moment().notNull().default(sql`now()`),
    broadcastAt: moment(), // the last time
    sentAtBlock: ordinal(), // head at the first broadcast: fees are raised by its age
    answer: text().$type<NodesAnswer>(), // what nodes said to the last broadcast that any of them answered
    bumpAskedBy: text('hurried_by'), // who asked for a replacement that offers more, and why; null: nobody
    bumpAskedWhy: text('hurried_why'),

    outcome: text().$type<'mined' | 'replaced'>(),
    minedBlock: ordinal(),
    blockHash: hash(),
    gasUsed: bigint({ mode: 'bigint' }), // with the next: null where no node tells it
    effectiveGasPrice: wei(),
    status: text().$type<'success' | 'reverted'>(),
    isFinal: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'attempts_pkey', columns: [t.chainId, t.account, t.nonce, t.attempt] }),
    // A sender reads these when it starts.
    index('attempts_unfinal_idx').on(t.chainId, t.account).where(sql`not is_final`),
    // `listFinalReverts` reads these at each pass, however many attempts there were.
    index('attempts_reverted_idx').on(t.chainId, t.account, t.minedBlock).where(sql`status = 'reverted'`),
    index('attempts_sequence_idx').on(t.rollup, t.fromBatch, t.toBatch), // `listSequenceAttempts` uses it
    // One attempt of a nonce is mined.
    uniqueIndex('attempts_mined_idx').on(t.chainId, t.account, t.nonce).where(sql`outcome = 'mined'`),
    check(
      'attempts_mined_whole',
      sql`(outcome is not distinct from 'mined') = (num_nulls(mined_block, block_hash, status) = 0)`,
    ),
    check('attempts_purpose_whole', sql`num_nulls(rollup, contract, step, first_block) in (0, 4)`),
    check('attempts_stake_whole', sql`(step is not distinct from 'stake') = (stake_to_wei is not null)`),
    check(
      'attempts_sequence_whole',
      sql`num_nulls(from_batch, to_batch, acc_input_hash) = case when step is null or step = 'stake' then 3 else 0 end`,
    ),
    check('attempts_hurried_whole', sql`(hurried_by is null) = (hurried_why is null)`),
    check('attempts_final_proof_whole', sql`num_nulls(final_proof_sha256, final_proof_size, proof_hash) in (0, 3)`),
  ],
)

/**
 * How much stake a rollup's miner is to have, as an operator last ordered it. A sender that is asked for another amount
 * takes this one.
 */
export const stakeOrders = zkpow.table(
  'stake_orders',
  {
    rollup: text().primaryKey(),
    toWei: wei().notNull(),
    who: text().notNull(),
    orderedAt: moment().notNull().default(sql`now()`),
  },
  () => [check('stake_orders_amount', sql`to_wei >= 0`)],
)
