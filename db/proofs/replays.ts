import { and, eq, gt, sql } from 'drizzle-orm'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import type { Replay } from '../../protocol/rollup/survey.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { replays } from '../schema/sequences.ts'

/** One turn of one process. */
interface ReplayTurn {
  rollup: string
  /** Nobody else has it. */
  holder: string
}

/** How long a turn is kept that nobody renews: then its process is taken for dead. It goes by the clock of Postgres. */
const expiry = sql`now() + interval '30 seconds'`

/** Takes the rollup's turn to replay, unless another has it. @returns whether the turn is the holder's. */
export const takeReplay = query(
  'taking the turn to replay',
  async (db: Db, p: ReplayTurn & { range: BatchRange }): Promise<boolean> => {
    const row = {
      rollup: p.rollup,
      holder: p.holder,
      from: p.range.from,
      to: p.range.to,
      batchNum: 0,
      startedAt: sql`now()`,
      expiresAt: expiry,
    }
    const taken = await db
      .insert(replays)
      .values(row)
      .onConflictDoUpdate({ target: replays.rollup, set: row, setWhere: sql`${replays.expiresAt} < now()` })
      .returning({ holder: replays.holder })
    return taken.length > 0
  },
)

/** Keeps the turn and notes how far the replay is; does nothing when another has the turn by now. */
export const renewReplay = query(
  'keeping the turn to replay',
  async (db: Db, p: ReplayTurn & { batchNum: number }): Promise<void> => {
    await db.update(replays).set({ batchNum: p.batchNum, expiresAt: expiry }).where(heldBy(p))
  },
)

/** Leaves the turn to others. */
export const endReplay = query('ending the turn to replay', async (db: Db, turn: ReplayTurn): Promise<void> => {
  await db.delete(replays).where(heldBy(turn))
})

/** Lists the replays that run, of one rollup or of all. */
export const listReplays = query(
  'listing replays',
  async (db: Db, { rollup }: { rollup?: string } = {}): Promise<Replay[]> => {
    const asked = rollup === undefined ? undefined : eq(replays.rollup, rollup)
    const rows = await db
      .select()
      .from(replays)
      .where(and(asked, gt(replays.expiresAt, sql`now()`)))
      .orderBy(replays.rollup)
    return rows.map(({ from, to, batchNum, startedAt, ...row }) => ({
      rollup: row.rollup,
      range: { from, to },
      batchNum,
      startedAt,
    }))
  },
)

const heldBy = ({ rollup, holder }: ReplayTurn) => and(eq(replays.rollup, rollup), eq(replays.holder, holder))
