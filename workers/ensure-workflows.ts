import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { AGGREGATOR_TASK_QUEUE, chainWorkflowId, rollupWorkflowId, senderWorkflowId } from '../protocol/ids.ts'
import type { Address } from '../protocol/sequence.ts'
import { WORKFLOW_TYPES } from '../protocol/workflow-inputs.ts'

/** What an aggregator serves. */
export interface Served {
  chainIds: number[]
  rollups: string[]
  accounts: { chainId: number; account: Address }[]
}

/** Makes sure that the chain, rollup and sender workflows run; one that runs already is left alone and woken by its own signals. */
export async function ensureWorkflows(temporal: Client, { chainIds, rollups, accounts }: Served): Promise<void> {
  await Promise.all([
    ...accounts.map(({ chainId, account }) =>
      ensure(
        temporal,
        WORKFLOW_TYPES.sender,
        senderWorkflowId(chainId, account),
        { chainId, account, queue: [] },
        `transactions of ${account}`,
      ),
    ),
    ...chainIds.map((chainId) =>
      ensure(temporal, WORKFLOW_TYPES.chain, chainWorkflowId(chainId), { chainId }, `blocks of chain ${chainId}`),
    ),
    ...rollups.map((rollup) => ensure(temporal, WORKFLOW_TYPES.rollup, rollupWorkflowId(rollup), { rollup }, `sequences of ${rollup}`)),
  ])
}

async function ensure(temporal: Client, type: string, workflowId: string, input: object, staticSummary: string): Promise<void> {
  const options: WorkflowStartOptions = {
    workflowId,
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [input],
    staticSummary,
    workflowIdConflictPolicy: 'USE_EXISTING',
  }
  await temporal.workflow.start(type, options)
}
