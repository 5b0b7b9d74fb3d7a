import { type Db, inTransaction } from '../../db/connection/connect.ts'
import { findHolds, setHold } from '../../db/decisions/holds.ts'
import { liftTaskQuarantine, listTaskQuarantines } from '../../db/decisions/refusals.ts'
import { formatRange, isPartOf, type SequenceKey } from '../../protocol/base/ranges.ts'

/** What was lifted, one sentence each. */
export type Lifted = string[]

/**
 * Lets a sequence and its proof tasks try again that were quarantined. Its workflows look at these rows by themselves,
 * too, at least every ten minutes.
 */
export function liftQuarantine(db: Db, key: SequenceKey, who: string): Promise<Lifted> {
  return inTransaction(db, async (tx) => {
    const { quarantined } = await findHolds(tx, key)
    if (quarantined !== null) await setHold(tx, { rollup: key.rollup, key, hold: 'quarantined', reason: null, who })
    const tasks = (await listTaskQuarantines(tx, { rollup: key.rollup })).filter((task) => isPartOf(task, key))
    for (const { taskId } of tasks) await liftTaskQuarantine(tx, { taskId, who })
    return [
      ...(quarantined === null ? [] : [`The sequence was quarantined: ${quarantined}`]),
      ...tasks.map((task) => `The ${task.stage} proof of batches ${formatRange(task)} was quarantined: ${task.reason}`),
    ]
  })
}
