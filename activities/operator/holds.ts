import { hasUnfinalCommit } from '../../db/attempts/attempts.ts'
import { type Db, inTransaction } from '../../db/connection/connect.ts'
import { findHolds, findRollupHolds, setHold } from '../../db/decisions/holds.ts'
import type { HoldDecision } from '../../protocol/operator/requests.ts'
import { holdText } from '../../protocol/sequence/view.ts'
import type { AdminActivities, SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { holdsChangedSignal } from '../../protocol/temporal/messages.ts'
import { listSequencesWhere, wake } from '../chain/wake.ts'
import type { ProvingDeps, SubmissionDeps } from '../context.ts'

/** The rows outlive any workflow; those whom they concern are only told to look. */
export const createChangeHold =
  (deps: SubmissionDeps): AdminActivities['changeHold'] =>
  async (decision) => {
    const { db, temporal } = deps
    const { rollup, range, who, reason } = decision
    const isChanged = await write(db, decision)
    const holds = range === null ? await findRollupHolds(db, rollup) : await findHolds(db, { rollup, ...range })
    const why = `${decision.decision} by ${who}: ${reason}`
    await wake(temporal, await sequencesOf(db, decision), why, holdsChangedSignal)
    await wake(temporal, [rollupWorkflowId(rollup), ...sendersOf(deps, rollup)], why)
    return { isChanged, heldStill: holdText(holds) }
  }

async function write(db: Db, { rollup, range: key, decision, who, reason }: HoldDecision): Promise<boolean> {
  if (decision !== 'resume')
    return setHold(db, { rollup, key, hold: decision === 'pause' ? 'paused' : 'cancelled', reason, who })
  return inTransaction(db, async (tx) => {
    const paused = await setHold(tx, { rollup, key, hold: 'paused', reason: null, who })
    const cancelled = await setHold(tx, { rollup, key, hold: 'cancelled', reason: null, who })
    return paused || cancelled
  })
}

async function sequencesOf(db: Db, { rollup, range }: HoldDecision): Promise<string[]> {
  const sequences = range === null ? await listSequencesWhere(db, rollup, () => true) : [{ rollup, ...range }]
  return sequences.map(sequenceWorkflowId)
}

/** A hash that waits for its nonce is withdrawn. */
const sendersOf = ({ rollups }: SubmissionDeps, rollup: string): string[] =>
  rollups.filter(({ name }) => name === rollup).map(({ chainId, miner }) => senderWorkflowId(chainId, miner))

/** Asks no endpoint, so that an operator is heard also while the chain is away. */
export const createFindHold =
  ({ db }: Pick<ProvingDeps, 'db'>): SubmissionActivities['findHold'] =>
  async ({ sequence }) =>
    // A hash is proved whatever is held.
    (await hasUnfinalCommit(db, sequence)) ? null : holdText(await findHolds(db, sequence))
