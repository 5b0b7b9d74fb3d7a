import { and, asc, eq, gte, isNull, or, type SQL, sql } from 'drizzle-orm'
import { plainText } from '../../protocol/base/plain-text.ts'
import type { SequenceKey } from '../../protocol/base/ranges.ts'
import type { NodesAnswer } from '../../protocol/sender/nodes-answer.ts'
import type { Db } from '../connection/connect.ts'
import { lowerCase, only } from '../connection/row-values.ts'
import { query } from '../connection/translate-errors.ts'
import { attempts } from '../schema/attempts.ts'
import {
  type AccountKey,
  type Attempt,
  type AttemptKey,
  type BumpRequest,
  fromRow,
  type Inclusion,
  type NewAttempt,
  type NonceKey,
  toRow,
} from './attempt-rows.ts'

/**
 * Stores an attempt before it is broadcast.
 * @returns the attempt that stands, whose bytes are to be broadcast: another one under this key when another aggregator
 * was first, an older one of the nonce when its bytes are the same, as when all that may be offered was offered before.
 */
export const storeAttempt = query('storing an attempt', async (db: Db, attempt: NewAttempt): Promise<Attempt> => {
  const [stored] = await db.insert(attempts).values(toRow(attempt)).onConflictDoNothing().returning()
  return fromRow(stored ?? (await standingFor(db, attempt)))
})

/** Finds what keeps an attempt from being stored: what stands under its key comes before what has its bytes. */
async function standingFor(db: Db, attempt: NewAttempt): Promise<typeof attempts.$inferSelect> {
  const rows = await db
    .select()
    .from(attempts)
    .where(and(isOfNonce(attempt), or(eq(attempts.attempt, attempt.attempt), eq(attempts.txHash, attempt.txHash))))
    .orderBy(sql`${attempts.attempt} = ${attempt.attempt} desc`)
    .limit(1)
  return only(rows)
}

/**
 * Notes a broadcast, and what nodes said to it unless none did. The block of the first one stays, because fees are
 * raised by its age.
 */
export const markBroadcast = query(
  'noting a broadcast',
  async (
    db: Db,
    key: AttemptKey,
    { sentAtBlock, answer }: { sentAtBlock: number; answer: NodesAnswer },
  ): Promise<void> => {
    await db
      .update(attempts)
      .set({
        broadcastAt: sql`now()`,
        sentAtBlock: sql`coalesce(${attempts.sentAtBlock}, ${sentAtBlock})`,
        answer: answer === 'unanswered' ? sql`coalesce(${attempts.answer}, ${answer})` : answer,
      })
      .where(isOfAttempt(key))
  },
)

/**
 * Notes that an admin wants the attempt replaced by one that offers more. Doing so again is harmless: who asked last
 * stands.
 */
export const markToBump = query(
  'marking an attempt to be bumped',
  async (db: Db, key: AttemptKey, { who, reason }: BumpRequest): Promise<void> => {
    await db
      .update(attempts)
      .set({ bumpAskedBy: plainText(who), bumpAskedWhy: plainText(reason) })
      .where(isOfAttempt(key))
  },
)

/** Notes that an attempt is in a block, and so no other of its nonce. Final attempts don't change. */
export const markMined = query(
  'noting an inclusion',
  (db: Db, key: AttemptKey, inclusion: Inclusion): Promise<void> =>
    db.transaction(async (tx) => {
      await clear(tx, isOfNonce(key))
      await tx
        .update(attempts)
        .set({ outcome: 'mined', ...inclusion })
        .where(and(isOfAttempt(key), eq(attempts.isFinal, false)))
    }),
)

/** Notes that a reorg took an attempt out of its block. Another one of its nonce may be in one, which stays noted. */
export const unmarkMined = query(
  'noting a reorg',
  (db: Db, key: AttemptKey): Promise<void> => clear(db, isOfAttempt(key)),
)

async function clear(db: Db, which: SQL | undefined): Promise<void> {
  const cleared = {
    outcome: null,
    minedBlock: null,
    blockHash: null,
    gasUsed: null,
    effectiveGasPrice: null,
    status: null,
  }
  await db
    .update(attempts)
    .set(cleared)
    .where(and(which, eq(attempts.isFinal, false)))
}

/**
 * Notes that the nonce is used up on a final block: all its attempts become final, those that weren't mined are
 * replaced.
 */
export const settleNonce = query(
  'settling a nonce',
  (db: Db, key: NonceKey): Promise<void> =>
    db.transaction(async (tx) => {
      await tx
        .update(attempts)
        .set({ outcome: 'replaced' })
        .where(and(isOfNonce(key), isNull(attempts.outcome)))
      await tx.update(attempts).set({ isFinal: true }).where(isOfNonce(key))
    }),
)

/**
 * Notes that the nonces from this one on aren't used up on a final block: a reorg deeper than finality took back what
 * was settled.
 * @returns whether any of them was settled.
 */
export const reopenNonces = query('reopening nonces', async (db: Db, key: NonceKey): Promise<boolean> => {
  const reopened = await db
    .update(attempts)
    .set({ isFinal: false, outcome: sql`nullif(${attempts.outcome}, 'replaced')` })
    .where(and(isOfAccount(key), gte(attempts.nonce, key.nonce), eq(attempts.isFinal, true)))
    .returning({ nonce: attempts.nonce })
  return reopened.length > 0
})

/** Lists attempts of nonces that aren't final, by nonce and attempt. */
export const listUnfinalAttempts = query('listing attempts', async (db: Db, key: AccountKey): Promise<Attempt[]> => {
  const rows = await db
    .select()
    .from(attempts)
    .where(and(isOfAccount(key), eq(attempts.isFinal, false)))
    .orderBy(asc(attempts.nonce), asc(attempts.attempt))
  return rows.map(fromRow)
})

/** Lists final attempts that reverted, from block `sinceBlock` on, oldest first. */
export const listFinalReverts = query(
  'listing reverted attempts',
  async (db: Db, key: AccountKey, { sinceBlock }: { sinceBlock: number }): Promise<Attempt[]> => {
    const rows = await db
      .select()
      .from(attempts)
      .where(
        and(
          isOfAccount(key),
          eq(attempts.isFinal, true),
          eq(attempts.status, 'reverted'),
          gte(attempts.minedBlock, sinceBlock),
        ),
      )
      .orderBy(asc(attempts.nonce))
    return rows.map(fromRow)
  },
)

/** Lists all attempts that were made for a sequence, by nonce and attempt. */
export const listSequenceAttempts = query('listing attempts', async (db: Db, key: SequenceKey): Promise<Attempt[]> => {
  const rows = await db
    .select()
    .from(attempts)
    .where(and(eq(attempts.rollup, key.rollup), eq(attempts.fromBatch, key.from), eq(attempts.toBatch, key.to)))
    .orderBy(asc(attempts.chainId), asc(attempts.account), asc(attempts.nonce), asc(attempts.attempt))
  return rows.map(fromRow)
})

const isOfAccount = ({ chainId, account }: AccountKey) =>
  and(eq(attempts.chainId, chainId), eq(attempts.account, lowerCase(account)))

const isOfNonce = (key: NonceKey) => and(isOfAccount(key), eq(attempts.nonce, key.nonce))

const isOfAttempt = (key: AttemptKey) => and(isOfNonce(key), eq(attempts.attempt, key.attempt))

/** Tells whether a hash of the sequence was signed and isn't on a final block: it may stand, or yet land. */
export const hasUnfinalCommit = async (db: Db, sequence: SequenceKey): Promise<boolean> =>
  (await listSequenceAttempts(db, sequence)).some(({ purpose, isFinal }) => purpose?.step === 'commit' && !isFinal)
