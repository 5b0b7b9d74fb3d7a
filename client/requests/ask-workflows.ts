import { type Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client'
import { rootCause, type UpdateDefinition, WorkflowNotFoundError } from '@temporalio/common'
import type { TemporalConfig } from '../../config/types.ts'
import { type BatchRange, isPartOf, type SequenceKey } from '../../protocol/base/ranges.ts'
import type { AdminAnswer, AdminRequest } from '../../protocol/operator/requests.ts'
import type { WorkflowMemo } from '../../protocol/temporal/attributes.ts'
import { searchAttributes } from '../../protocol/temporal/attributes.ts'
import {
  parseSequenceWorkflowId,
  rangeOfPart,
  rollupWorkflowId,
  sequenceWorkflowId,
} from '../../protocol/temporal/ids.ts'
import { liftedSignal } from '../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { failedTasks, silentSince } from '../../workers/temporal/aggregator-life.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import {
  CantGoOnError,
  NoAnswerError,
  RefusedError,
  RollupNotRunningError,
  SenderNotRunningError,
  SequenceNotRunningError,
} from '../errors.ts'
import type { Target } from '../targets.ts'

/** The server takes a signal within milliseconds. */
const SIGNAL_TIMEOUT_MS = 4_000

/** Some requests look at the chain first, which may ask slow endpoints a few times. */
const UPDATE_TIMEOUT_MS = 60_000

/** What is known of a sequence's workflow. */
export type SequenceAnswer =
  | {
      status: 'known'
      /** As Temporal has it: `running`, `completed`, … */
      workflow: string
      /** What goes wrong and is tried again, as it says itself; null when nothing does. */
      trouble: string | null
      /** Its task has failed so often in a row that it can't go on; 0 when it can. */
      failedTasks: number
      /** When an aggregator was heard of last, or `never`; null while one works. */
      silentSince: string | null
      /** Parts of a long sequence that are being proved by workflows of their own, lowest first. */
      parts: PartAnswer[]
    }
  | { status: 'missing' }

/** A part of a long sequence. */
export interface PartAnswer extends BatchRange {
  trouble: string | null
}

/**
 * Reads what Temporal knows of a sequence's workflow, without a question to the workflow itself. It throws nothing but
 * bugs and failed calls.
 */
export async function describeSequence(client: Client, key: SequenceKey): Promise<SequenceAnswer> {
  try {
    const described = await client.workflow.getHandle(sequenceWorkflowId(key)).describe()
    const { trouble = null } = (described.memo ?? {}) as WorkflowMemo
    const isOpen = described.status.name === 'RUNNING'
    return {
      ...{ status: 'known', workflow: described.status.name.toLowerCase(), trouble: isOpen ? trouble : null },
      failedTasks: isOpen ? failedTasks(described) : 0,
      silentSince: isOpen ? await silentSince(client) : null,
      parts: isOpen ? await listParts(client, key) : [],
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { status: 'missing' }
    throw error
  }
}

async function listParts(client: Client, key: SequenceKey): Promise<PartAnswer[]> {
  const query = `WorkflowType = '${WORKFLOW_TYPES.proveRange}' AND ${searchAttributes.rollup.name} = '${key.rollup}' AND ExecutionStatus = 'Running'`
  const parts: PartAnswer[] = []
  for await (const { workflowId, memo } of client.workflow.list({ query })) {
    const range = rangeOfPart(workflowId)
    if (range !== undefined && isPartOf(range, key))
      parts.push({ ...range, trouble: (memo as WorkflowMemo | undefined)?.trouble ?? null })
  }
  return parts.sort((a, b) => a.from - b.from)
}

/**
 * Has a sequence look at once at what was lifted. It need not succeed: what was lifted is a row, which it looks at by
 * itself now and then.
 */
export async function tellLifted(config: TemporalConfig, key: SequenceKey): Promise<'told' | 'not told'> {
  try {
    await withTemporal(config, (client) => {
      const handle = client.workflow.getHandle(sequenceWorkflowId(key))
      return client.withDeadline(Date.now() + SIGNAL_TIMEOUT_MS, () => handle.signal(liftedSignal))
    })
    return 'told'
  } catch {
    return 'not told' // Temporal is away, or the sequence doesn't run
  }
}

/** What an admin may ask of a sequence or a rollup. */
export type AdminUpdate = UpdateDefinition<AdminAnswer, [AdminRequest], string>

/**
 * Asks a running sequence to do something.
 * @throws SequenceNotRunningError, RefusedError when the request itself is no good, NoAnswerError.
 */
export const askSequenceAdmin = (
  client: Client,
  update: AdminUpdate,
  key: SequenceKey,
  request: AdminRequest,
): Promise<AdminAnswer> => execute(client, sequenceWorkflowId(key), update, request)

/**
 * Asks a rollup, or one of its sequences; for a sequence that doesn't run its rollup answers.
 * @throws RollupNotRunningError, RefusedError when the request itself is no good, NoAnswerError.
 */
export async function askAdmin(
  client: Client,
  update: AdminUpdate,
  { rollup, range }: Target,
  request: AdminRequest,
): Promise<AdminAnswer> {
  if (range !== null) {
    try {
      return await askSequenceAdmin(client, update, { rollup, ...range }, request)
    } catch (error) {
      if (!(error instanceof SequenceNotRunningError)) throw error
    }
  }
  const asked = range === null ? request : { ...request, range }
  return execute(client, rollupWorkflowId(rollup), update, asked)
}

/**
 * Asks an account's sender.
 * @throws SenderNotRunningError, RefusedError when the request itself is no good, NoAnswerError.
 */
export const askSender = <Request>(
  client: Client,
  update: UpdateDefinition<AdminAnswer, [Request], string>,
  workflowId: string,
  request: Request,
): Promise<AdminAnswer> => execute(client, workflowId, update, request)

async function execute<Request>(
  client: Client,
  workflowId: string,
  update: UpdateDefinition<AdminAnswer, [Request], string>,
  request: Request,
): Promise<AdminAnswer> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
      handle.executeUpdate(update, { args: [request] }),
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notRunning(workflowId)
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw await whyNoAnswer(client, workflowId)
    if (error instanceof WorkflowUpdateFailedError)
      throw new RefusedError(rootCause(error.cause) ?? error.message, { cause: error })
    throw error
  }
}

async function whyNoAnswer(client: Client, workflowId: string): Promise<Error> {
  const failed = failedTasks(await client.workflow.getHandle(workflowId).describe())
  return failed > 0 ? new CantGoOnError(workflowId, failed) : new NoAnswerError(workflowId, await silentSince(client))
}

function notRunning(workflowId: string): Error {
  if (workflowId.startsWith('sender/')) return new SenderNotRunningError(workflowId)
  return parseSequenceWorkflowId(workflowId) === undefined
    ? new RollupNotRunningError(workflowId)
    : new SequenceNotRunningError(workflowId)
}
