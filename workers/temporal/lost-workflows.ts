import { type Client, type WorkflowExecutionInfo, WorkflowFailedError } from '@temporalio/client'
import { rootCause } from '@temporalio/common'
import { allDone } from '../../protocol/base/all-done.ts'
import { plainText } from '../../protocol/base/plain-text.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'

const OURS = `WorkflowType IN (${Object.values(WORKFLOW_TYPES)
  .map((type) => `'${type}'`)
  .join(', ')})`

/** A run that failed or was ended, other than by itself. */
export interface EndedRun {
  workflowId: string
  runId: string
  type: string
  /** ISO text. */
  at: string
}

/** The same, with the reason. */
export interface LostRun extends Omit<EndedRun, 'type'> {
  why: string
}

/** Of so many, the newest, the reasons are asked for at a time. */
export const MAX_LOST = 20

/** Lists the newest runs that were lost since a moment, ms since the epoch, with the reason. */
export const listLost = async (temporal: Client, sinceMs: number): Promise<LostRun[]> =>
  withReasons(temporal, (await listEnded(temporal, sinceMs)).slice(0, MAX_LOST))

/** Lists all runs that were lost since a moment, ms since the epoch, the newest first. */
export async function listEnded(temporal: Client, sinceMs: number): Promise<EndedRun[]> {
  const since = new Date(sinceMs).toISOString()
  const ended = await listAll(
    temporal,
    `${OURS} AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut') AND CloseTime > '${since}'`,
  )
  return ended.map(toEnded)
}

export const toEnded = ({ workflowId, runId, type, closeTime }: WorkflowExecutionInfo): EndedRun => ({
  ...{ workflowId, runId, type },
  at: (closeTime ?? new Date()).toISOString(),
})

/** Asks for the reasons of runs that have ended. */
export const withReasons = (temporal: Client, runs: readonly EndedRun[]): Promise<LostRun[]> =>
  allDone(
    runs.map(async ({ workflowId, runId, at }) => ({
      ...{ workflowId, runId, at },
      why: await reasonOf(temporal, workflowId, runId),
    })),
  )

/** Lists the runs whose task fails again and again, as the server has noted. */
export const listStuck = (temporal: Client): Promise<WorkflowExecutionInfo[]> =>
  listAll(
    temporal,
    `${OURS} AND ExecutionStatus = 'Running' AND TemporalReportedProblems = 'category=WorkflowTaskFailed'`,
  )

/** Lists the workflows of all types that run. */
export const listRunning = (temporal: Client): Promise<WorkflowExecutionInfo[]> =>
  listAll(temporal, `${OURS} AND ExecutionStatus = 'Running'`)

async function reasonOf(temporal: Client, workflowId: string, runId: string): Promise<string> {
  try {
    await temporal.workflow.getHandle(workflowId, runId).result()
    return ''
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    return plainText(rootCause(error.cause) ?? error.message)
  }
}

async function listAll(temporal: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const all = []
  for await (const one of temporal.workflow.list({ query, pageSize: 1_000 })) all.push(one)
  return all
}
