import { Client, Connection, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/common'
import { temporalConnectionOptions } from '../config/temporal-connection.ts'
import type { TemporalConfig } from '../config/types.ts'
import { sequenceWorkflowId } from '../protocol/ids.ts'
import { type AdminAnswer, type AdminRequest, forceResubmitUpdate, type SequenceStatus, sequenceStatusQuery } from '../protocol/messages.ts'
import type { SequenceKey } from '../protocol/sequence.ts'
import { NoAnswerError, RefusedError, SequenceNotRunningError, TemporalUnreachableError } from './errors.ts'

/** A server that runs takes a connection within milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000

/** An aggregator that runs answers a query within milliseconds; without one the server would wait for a minute. */
const QUERY_TIMEOUT_MS = 4_000

/** A resubmission looks at the chain first, which may ask slow endpoints a few times. */
const UPDATE_TIMEOUT_MS = 60_000

/** @throws TemporalUnreachableError when nothing answers there in time, TlsFileError */
export async function connectTemporal(config: TemporalConfig, { timeoutMs = CONNECT_TIMEOUT_MS } = {}): Promise<Client> {
  const options = await temporalConnectionOptions(config)
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: timeoutMs })
    return new Client({ connection, namespace: config.namespace })
  } catch (cause) {
    throw new TemporalUnreachableError(config.address, cause)
  }
}

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

/**
 * Asks a running sequence to look at the chain and send what is missing.
 * @throws SequenceNotRunningError, RefusedError when the request itself is no good, NoAnswerError.
 */
export async function forceResubmit(client: Client, key: SequenceKey, request: AdminRequest): Promise<AdminAnswer> {
  const workflowId = sequenceWorkflowId(key)
  const handle = client.workflow.getHandle(workflowId)
  try {
    return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () => handle.executeUpdate(forceResubmitUpdate, { args: [request] }))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new SequenceNotRunningError(workflowId)
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw new NoAnswerError(workflowId)
    if (error instanceof WorkflowUpdateFailedError) throw new RefusedError(error.cause?.message ?? error.message, { cause: error })
    throw error
  }
}
