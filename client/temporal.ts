import { type Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client'
import { rootCause, type UpdateDefinition, WorkflowNotFoundError } from '@temporalio/common'
import type { TemporalConfig } from '../config/types.ts'
import { parseSequenceWorkflowId, rollupWorkflowId, sequenceWorkflowId } from '../protocol/ids.ts'
import { type AdminAnswer, type AdminRequest, liftedSignal, type SequenceStatus, sequenceStatusQuery } from '../protocol/messages.ts'
import type { SequenceKey } from '../protocol/sequence.ts'
import { withTemporal } from './connect-temporal.ts'
import { NoAnswerError, RefusedError, RollupNotRunningError, SenderNotRunningError, SequenceNotRunningError } from './errors.ts'
import type { Target } from './sequence-id.ts'

/** An aggregator that runs answers a query within milliseconds; without one the server would wait for a minute. */
const QUERY_TIMEOUT_MS = 4_000

/** Some requests look at the chain first, which may ask slow endpoints a few times. */
const UPDATE_TIMEOUT_MS = 60_000

/** What a sequence's workflow says about itself. */
export type SequenceAnswer =
  | { status: 'answered'; workflow: string; answer: SequenceStatus }
  | { status: 'silent'; workflow: string }
  | { status: 'missing' }

/** Asks the workflow where it stands; one that has ended answers too, as long as Temporal keeps it. Throws nothing but bugs. */
export async function askSequence(client: Client, key: SequenceKey, { timeoutMs = QUERY_TIMEOUT_MS } = {}): Promise<SequenceAnswer> {
  const handle = client.workflow.getHandle(sequenceWorkflowId(key))
  try {
    const { status } = await handle.describe()
    const workflow = status.name.toLowerCase()
    const query = client.withDeadline(Date.now() + timeoutMs, () => handle.query(sequenceStatusQuery))
    return await query.then(
      (answer) => ({ status: 'answered' as const, workflow, answer }),
      () => ({ status: 'silent' as const, workflow }), // no aggregator polls, or it can't replay what another version began
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { status: 'missing' }
    throw error
  }
}

/** Has a sequence look at once at what was lifted. Best effort: what was lifted is a row, which it looks at by itself now and then. */
export async function tellLifted(config: TemporalConfig, key: SequenceKey): Promise<'told' | 'not told'> {
  try {
    await withTemporal(config, (client) => {
      const handle = client.workflow.getHandle(sequenceWorkflowId(key))
      return client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.signal(liftedSignal))
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
export const askSequenceAdmin = (client: Client, update: AdminUpdate, key: SequenceKey, request: AdminRequest): Promise<AdminAnswer> =>
  execute(client, sequenceWorkflowId(key), update, request)

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
    return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () => handle.executeUpdate(update, { args: [request] }))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notRunning(workflowId)
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw new NoAnswerError(workflowId)
    if (error instanceof WorkflowUpdateFailedError) throw new RefusedError(rootCause(error.cause) ?? error.message, { cause: error })
    throw error
  }
}

function notRunning(workflowId: string): Error {
  if (workflowId.startsWith('sender/')) return new SenderNotRunningError(workflowId)
  return parseSequenceWorkflowId(workflowId) === undefined ? new RollupNotRunningError(workflowId) : new SequenceNotRunningError(workflowId)
}
