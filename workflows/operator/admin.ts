import * as wf from '@temporalio/workflow'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import {
  type AdminAnswer,
  type AdminRequest,
  answerBump,
  answerHold,
  checkAdminRequest,
  DECISIONS,
  type Decision,
} from '../../protocol/operator/requests.ts'
import type { AdminActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { bumpFeesUpdate, cancelUpdate, pauseUpdate, resumeUpdate } from '../../protocol/temporal/messages.ts'
import { trustedActivities } from '../waiting.ts'

const admin = trustedActivities<AdminActivities>({
  startToCloseTimeout: '30 seconds', // it writes a few rows, and signals each sequence of the rollup
  retry: { maximumAttempts: 3 }, // then the admin is told what failed
  priority: { priorityKey: PRIORITY.owed },
})

const UPDATES = { pause: pauseUpdate, resume: resumeUpdate, cancel: cancelUpdate } as const satisfies Record<
  Decision,
  unknown
>

/** What admins ask about: a sequence or a rollup. */
export interface Subject {
  rollup: string
  /** Gives the batches that a request is about. Null stands for the whole rollup. */
  rangeOf(request: AdminRequest): BatchRange | null
  /** Says why a decision would do nothing, after a fresh look. It is null when it may be carried out. */
  refuse(decision: Decision, range: BatchRange | null): Promise<string | null>
  /** Has the loop look again. */
  wake(): void
}

/**
 * Serves the Updates that sequences and rollups have in common. What is decided becomes a row, so that it outlives the
 * workflow. Who asked and why is in the history.
 */
export function serveAdmins(subject: Subject): void {
  const options = { validator: checkAdminRequest }
  for (const decision of DECISIONS)
    wf.setHandler(UPDATES[decision], (request) => decide(subject, decision, request), options)
  wf.setHandler(bumpFeesUpdate, (request) => bumpFees(subject, request), options)
}

async function decide(subject: Subject, decision: Decision, request: AdminRequest): Promise<AdminAnswer> {
  const range = subject.rangeOf(request)
  const refusal = await subject.refuse(decision, range)
  if (refusal !== null) return { isDone: false, answer: refusal }
  const { who, reason } = request
  const order = { rollup: subject.rollup, range, decision, who, reason }
  const changed = await admin.changeHold.executeWithOptions({ summary: `${decision}: ${reason}`.slice(0, 120) }, [
    order,
  ])
  subject.wake()
  return answerHold(decision, changed)
}

async function bumpFees({ rollup, rangeOf }: Subject, request: AdminRequest): Promise<AdminAnswer> {
  const { who, reason } = request
  const order = { rollup, range: rangeOf(request), who, reason }
  return answerBump(await admin.hurryTransactions.executeWithOptions({ summary: 'have fees raised' }, [order]))
}
