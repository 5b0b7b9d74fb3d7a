import { setTimeout as delay } from 'node:timers/promises'
import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { senderInput } from '../../activities/sender/signal-sender.ts'
import { allDone } from '../../protocol/base/all-done.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import {
  AGGREGATOR_TASK_QUEUE,
  chainWorkflowId,
  rollupWorkflowId,
  senderWorkflowId,
} from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { createHealer, doAll } from './heal-workflows.ts'
import type { LostRun } from './lost-workflows.ts'

/** What an aggregator serves. */
export interface Served {
  chainIds: number[]
  rollups: string[]
  accounts: { chainId: number; account: Address }[]
}

/** The priority of their workflow tasks: those of hundreds of woken sequences are in the same queue. */
const FIRST = { priorityKey: PRIORITY.send }

/**
 * Makes sure that the chain, rollup and sender workflows run; one that runs already is left alone and woken by its own
 * signals.
 */
export async function ensureWorkflows(temporal: Client, { chainIds, rollups, accounts }: Served): Promise<void> {
  await allDone([
    ...accounts.map(async ({ chainId, account }) => {
      const input = await senderInput(temporal, chainId, account)
      const shown = { staticSummary: `transactions of ${account}`, priority: FIRST }
      await ensure(temporal, WORKFLOW_TYPES.sender, senderWorkflowId(chainId, account), input, shown)
    }),
    ...chainIds.map((chainId) =>
      ensure(
        temporal,
        WORKFLOW_TYPES.chain,
        chainWorkflowId(chainId),
        { chainId },
        { staticSummary: `blocks of chain ${chainId}`, priority: FIRST },
      ),
    ),
    ...rollups.map((rollup) =>
      ensure(
        temporal,
        WORKFLOW_TYPES.rollup,
        rollupWorkflowId(rollup),
        { rollup },
        { staticSummary: `sequences of ${rollup}` },
      ),
    ),
  ])
}

export interface KeepOptions {
  signal: AbortSignal
  onFailure(error: unknown): void
  onLost(run: LostRun): void
  everyMs?: number
}

/** Between two looks, ms: a Temporal that was emptied must cost no window. */
const LOOK_EVERY_MS = 10_000

/** How long starting may take, ms. */
const MOST_MS = 5_000

/**
 * Ensures again and again until the signal aborts: Temporal may lose its data under a running aggregator, which would
 * go on asking for work that nobody gives, and a workflow may come to where it can't go on. It never rejects.
 * @param onFailure hears of the first failure after a success, `onLost` of each run that failed or was ended.
 */
export async function keepWorkflows(
  temporal: Client,
  served: Served,
  { signal, onFailure, onLost, everyMs = LOOK_EVERY_MS }: KeepOptions,
): Promise<void> {
  const startAgain = () => ensureWorkflows(temporal, served)
  const healer = createHealer(temporal, { startAgain, onLost })
  let isFailing = false
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    try {
      // A call that is never answered must not keep a process from ending.
      await temporal.withAbortSignal(signal, async () => {
        await temporal.withDeadline(Date.now() + MOST_MS, startAgain)
        await doAll([healer.look, healer.settle])
      })
      isFailing = false
    } catch (error) {
      if (!isFailing && !signal.aborted) onFailure(error)
      isFailing = true
    }
  }
  healer.stop()
}

async function ensure(
  temporal: Client,
  type: string,
  workflowId: string,
  input: object,
  shown: Pick<WorkflowStartOptions, 'staticSummary' | 'priority'>,
): Promise<void> {
  const options: WorkflowStartOptions = {
    workflowId,
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [input],
    ...shown,
    workflowIdConflictPolicy: 'USE_EXISTING',
  }
  await temporal.workflow.start(type, options)
}
