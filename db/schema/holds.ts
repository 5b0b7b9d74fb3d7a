import { sql } from 'drizzle-orm'
import { bigint, check, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Holds } from '../../protocol/sequence/view.ts'
import { moment, ordinal, zkpow } from './columns.ts'

/** What operators decided (or preparing found): paused, cancelled, quarantined. A lifted hold stays as history. */
export const holds = zkpow.table(
  'holds',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    rollup: text().notNull(),
    fromBatch: ordinal(), // null, with `toBatch`: the whole rollup
    toBatch: ordinal(),
    hold: text().$type<keyof Holds>().notNull(),
    reason: text().notNull(),
    who: text().notNull(),
    heldAt: moment().notNull().default(sql`now()`),
    liftedAt: moment(),
    liftedBy: text(),
  },
  (t) => [
    // A kind has one current hold; `setHold` and `findHolds` go through it. No batch has number -1.
    uniqueIndex('holds_current_idx')
      .on(t.rollup, sql`coalesce(from_batch, -1)`, sql`coalesce(to_batch, -1)`, t.hold)
      .where(sql`lifted_at is null`),
    check('holds_range_or_rollup', sql`(from_batch is null) = (to_batch is null)`),
    check('holds_kind', sql`hold in ('paused', 'cancelled', 'quarantined')`),
  ],
)
