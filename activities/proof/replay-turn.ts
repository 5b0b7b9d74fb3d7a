import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/connection/connect.ts'
import { endReplay, listReplays, renewReplay, takeReplay } from '../../db/proofs/replays.ts'
import type { SequenceRef } from '../../protocol/base/ranges.ts'
import { replayText } from '../../protocol/rollup/survey.ts'

/** A third of the time after which a turn that nobody renews is taken by others. */
const RENEW_EVERY_MS = 10_000

/** The right to replay a rollup's state. To lose it is harmless: then two do the same work. */
export interface ReplayTurn {
  /** Notes the last batch that is executed. */
  note(batch: number): void
  end(): Promise<void>
}

/** @returns null while another has the turn. */
export async function takeTurn(db: Db, { rollup, from, to }: SequenceRef): Promise<ReplayTurn | null> {
  const turn = { rollup, holder: randomUUID() }
  if (!(await takeReplay(db, { ...turn, range: { from, to } }))) return null
  let batchNum = 0
  const timer = setInterval(() => void renewReplay(db, { ...turn, batchNum }).catch(() => {}), RENEW_EVERY_MS)
  return {
    note(batch) {
      batchNum = batch
    },
    async end() {
      clearInterval(timer)
      await endReplay(db, turn).catch(() => {}) // then it expires
    },
  }
}

/** Says what is waited for, in lists and heartbeats. */
export async function waitsForReplay(db: Db, rollup: string): Promise<string> {
  const [other] = await listReplays(db, { rollup })
  return other === undefined ? 'waiting for another replay' : `waiting: ${replayText(other)}`
}
