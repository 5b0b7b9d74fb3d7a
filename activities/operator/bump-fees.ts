import { listUnfinalAttempts, markToBump } from '../../db/attempts/attempts.ts'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import { newestByNonce, unminedByRows } from '../../protocol/sender/in-flight.ts'
import { type Intent, isOfSequence } from '../../protocol/sender/intent.ts'
import type { AdminActivities } from '../../protocol/temporal/activities.ts'
import { wakeSignal } from '../../protocol/temporal/messages.ts'
import type { SubmissionDeps } from '../context.ts'
import { signalSender } from '../sender/signal-sender.ts'

/**
 * Marks the newest attempts, so that a second call after the sender's pass finds others: asking twice never raises one
 * twice. The marks are rows, which outlive any workflow; the sender is only told to look.
 */
export const createBumpFees =
  (deps: SubmissionDeps): AdminActivities['hurryTransactions'] =>
  async ({ rollup: name, range, who, reason }) => {
    const rollup = deps.rollupOf(name)
    const attempts = await listUnfinalAttempts(deps.db, { chainId: rollup.chainId, account: rollup.miner })
    const unmined = unminedByRows(attempts, ({ inclusion }) => inclusion !== null)
    const waiting = newestByNonce(unmined).filter(({ purpose }) => isMeant(purpose, name, range))
    for (const attempt of waiting) await markToBump(deps.db, attempt, { who, reason })
    if (waiting.length > 0) await signalSender(deps, rollup, wakeSignal, { why: `bump-fees by ${who}: ${reason}` })
    return waiting.flatMap(({ nonce, purpose }) =>
      purpose === null ? [] : [{ nonce, step: purpose.step, range: rangeOf(purpose) }],
    )
  }

const isMeant = (purpose: Intent | null, rollup: string, range: BatchRange | null): boolean =>
  range === null ? purpose?.rollup === rollup : isOfSequence(purpose, { rollup, ...range })

const rangeOf = (purpose: Intent): BatchRange | null =>
  purpose.step === 'stake' ? null : { from: purpose.from, to: purpose.to }
