import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import { plainText } from '../../protocol/base/plain-text.ts'
import type { BatchRange, SequenceKey } from '../../protocol/base/ranges.ts'
import type { Holds } from '../../protocol/sequence/view.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { holds } from '../schema/holds.ts'

/** What is decided about a sequence or a whole rollup. */
export interface HoldChange {
  rollup: string
  /** Null: the whole rollup. */
  key: BatchRange | null
  hold: keyof Holds
  /** Null lifts it. */
  reason: string | null
  who: string
}

/** A current hold. */
export interface Hold {
  rollup: string
  /** Null: the whole rollup. */
  range: BatchRange | null
  hold: keyof Holds
  reason: string
  who: string
  /** ISO text. */
  heldAt: string
}

/**
 * Sets a hold, or gives the current one of that kind another reason, or lifts it. Doing so again is harmless.
 * @returns whether it was not so before: false where only the reason is another, or nothing was there to lift.
 */
export const setHold = query('setting a hold', (db: Db, change: HoldChange): Promise<boolean> => {
  return change.reason === null ? lift(db, change) : hold(db, change, plainText(change.reason))
})

const hold = (db: Db, { rollup, key, hold, who }: HoldChange, reason: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    const said = { reason, who: plainText(who) }
    const changed = await tx
      .update(holds)
      .set(said)
      .where(isCurrent(rollup, hold, key))
      .returning({ id: holds.id })
    if (changed.length > 0) return false
    // Nothing is done on conflict: somebody else set the same hold in this moment, and theirs is as good.
    const batches = { fromBatch: key?.from ?? null, toBatch: key?.to ?? null }
    const inserted = await tx
      .insert(holds)
      .values({ rollup, hold, ...batches, ...said })
      .onConflictDoNothing()
      .returning({ id: holds.id })
    return inserted.length > 0
  })

async function lift(db: Db, { rollup, key, hold, who }: HoldChange): Promise<boolean> {
  const lifted = await db
    .update(holds)
    .set({ liftedAt: sql`now()`, liftedBy: plainText(who) })
    .where(isCurrent(rollup, hold, key))
    .returning({ id: holds.id })
  return lifted.length > 0
}

/** Finds the current holds of a sequence: its own, or else its rollup's. */
export const findHolds = query('finding holds', async (db: Db, key: SequenceKey): Promise<Holds> => {
  const rows = await db
    .select()
    .from(holds)
    .where(and(isNull(holds.liftedAt), eq(holds.rollup, key.rollup), or(isAbout(key), isAbout(null))))
    .orderBy(sql`${holds.fromBatch} nulls last`)
  return toHolds(rows)
})

/** Finds the current holds of the whole rollup. */
export const findRollupHolds = query('finding holds', async (db: Db, rollup: string): Promise<Holds> => {
  const rows = await db
    .select()
    .from(holds)
    .where(and(isNull(holds.liftedAt), eq(holds.rollup, rollup), isAbout(null)))
  return toHolds(rows)
})

/** Lists all current holds, of one rollup or of all; a rollup's own come first. */
export const listHolds = query(
  'listing holds',
  async (db: Db, { rollup }: { rollup?: string } = {}): Promise<Hold[]> => {
    const rows = await db
      .select()
      .from(holds)
      .where(and(isNull(holds.liftedAt), rollup === undefined ? undefined : eq(holds.rollup, rollup)))
      .orderBy(asc(holds.rollup), sql`${holds.fromBatch} nulls first`, asc(holds.hold))
    return rows.map(({ rollup, fromBatch, toBatch, hold, reason, who, heldAt }) => {
      const range = fromBatch === null || toBatch === null ? null : { from: fromBatch, to: toBatch }
      return { rollup, range, hold, reason, who, heldAt }
    })
  },
)

const isCurrent = (rollup: string, hold: keyof Holds, key: BatchRange | null) =>
  and(isNull(holds.liftedAt), eq(holds.rollup, rollup), eq(holds.hold, hold), isAbout(key))

const isAbout = (key: BatchRange | null) =>
  key === null ? isNull(holds.fromBatch) : and(eq(holds.fromBatch, key.from), eq(holds.toBatch, key.to))

/** Takes the first of each kind. */
function toHolds(rows: { hold: keyof Holds; reason: string }[]): Holds {
  const reasonOf = (kind: keyof Holds) => rows.find(({ hold }) => hold === kind)?.reason ?? null
  return { paused: reasonOf('paused'), cancelled: reasonOf('cancelled'), quarantined: reasonOf('quarantined') }
}
