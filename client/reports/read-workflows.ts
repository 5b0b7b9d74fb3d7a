import type { Client } from '@temporalio/client'
import type { TemporalConfig } from '../../config/types.ts'
import { allDone } from '../../protocol/base/all-done.ts'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import type { WorkflowMemo } from '../../protocol/temporal/attributes.ts'
import { silentSince } from '../../workers/temporal/aggregator-life.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import { type LostRun, listLost, listRunning, listStuck } from '../../workers/temporal/lost-workflows.ts'

/** How the workflows are, as Temporal knows it without asking them. */
export interface WorkflowsNow {
  /** When an aggregator was heard of last, or `never`; null while one works. */
  silentSince: string | null
  /** Ids of those whose task fails again and again. */
  stuck: string[]
  /** What those that run say of what goes wrong and is tried again. */
  troubles: { workflowId: string; trouble: string }[]
  /** Runs that were lost within the last day; they were started again. */
  lost: LostRun[]
}

const DAY_MS = 24 * 60 * 60_000

/** Reads how the workflows are. Temporal's absence is an answer, too. */
export async function readWorkflows(config: TemporalConfig): Promise<WorkflowsNow | { unreachable: string }> {
  try {
    return await withTemporal(config, readFrom)
  } catch (error) {
    if (error instanceof RetryableError || error instanceof FatalError) return { unreachable: error.describe() }
    throw error
  }
}

async function readFrom(client: Client): Promise<WorkflowsNow> {
  const [silent, running, stuck, lost] = await allDone([
    silentSince(client),
    listRunning(client),
    listStuck(client),
    listLost(client, Date.now() - DAY_MS),
  ])
  const troubles = running.flatMap(({ workflowId, memo }) => {
    const { trouble } = (memo ?? {}) as WorkflowMemo
    return trouble ? [{ workflowId, trouble }] : []
  })
  return { silentSince: silent, stuck: stuck.map(({ workflowId }) => workflowId), troubles, lost }
}
