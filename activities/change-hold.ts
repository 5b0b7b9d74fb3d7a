import { type Db, inTransaction } from '../db/connect.ts'
import { findHolds, findRollupHolds, setHold } from '../db/holds.ts'
import type { AdminActivities, HoldDecision } from '../protocol/activities.ts'
import { rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../protocol/ids.ts'
import { holdText } from '../protocol/sequence-view.ts'
import type { SubmissionDeps } from './context.ts'
import { listConcerned, wake } from './wake.ts'

/** The rows outlive any workflow; those whom they concern are only told to look. */
export const createChangeHold =
  (deps: SubmissionDeps): AdminActivities['changeHold'] =>
  async (decision) => {
    const { db, temporal } = deps
    const { rollup, range, who, reason } = decision
    const isChanged = await write(db, decision)
    const holds = range === null ? await findRollupHolds(db, rollup) : await findHolds(db, { rollup, ...range })
    await wake(temporal, await concerned(deps, decision), `${decision.decision} by ${who}: ${reason}`)
    return { isChanged, heldStill: holdText(holds) }
  }

async function write(db: Db, { rollup, range: key, decision, who, reason }: HoldDecision): Promise<boolean> {
  if (decision !== 'resume') return setHold(db, { rollup, key, hold: decision === 'pause' ? 'paused' : 'cancelled', reason, who })
  return inTransaction(db, async (tx) => {
    const paused = await setHold(tx, { rollup, key, hold: 'paused', reason: null, who })
    const cancelled = await setHold(tx, { rollup, key, hold: 'cancelled', reason: null, who })
    return paused || cancelled
  })
}

/** The sender, too: a hash that waits for its nonce is withdrawn. */
async function concerned({ db, rollups }: SubmissionDeps, { rollup, range }: HoldDecision): Promise<string[]> {
  const sequences = range === null ? await listConcerned(db, rollup, () => true) : [{ rollup, ...range }]
  const senders = rollups.filter(({ name }) => name === rollup).map(({ chainId, miner }) => senderWorkflowId(chainId, miner))
  return [rollupWorkflowId(rollup), ...sequences.map(sequenceWorkflowId), ...senders]
}
