import type { Client } from '@temporalio/client'
import { type SignalDefinition, WorkflowNotFoundError } from '@temporalio/common'
import type { Address } from '../../protocol/base/ranges.ts'
import type { WorkflowMemo } from '../../protocol/temporal/attributes.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, senderWorkflowId } from '../../protocol/temporal/ids.ts'
import { type SenderInput, WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'

/**
 * Signals the sender of a rollup's account, starting it if need be: a workflow can't signal-with-start, and a signal to
 * a sender that doesn't run would fail the caller.
 * @returns the sender's workflow id.
 */
export async function signalSender<Message>(
  { temporal }: SubmissionDeps,
  { chainId, miner }: RollupContext,
  signal: SignalDefinition<[Message]>,
  message: Message,
): Promise<string> {
  const workflowId = senderWorkflowId(chainId, miner)
  const input = await senderInput(temporal, chainId, miner)
  await temporal.workflow.signalWithStart(WORKFLOW_TYPES.sender, {
    ...{ workflowId, taskQueue: AGGREGATOR_TASK_QUEUE, args: [input] },
    ...{ signal, signalArgs: [message] },
    staticSummary: `transactions of ${miner}`,
    priority: { priorityKey: PRIORITY.send },
  })
  return workflowId
}

/**
 * Says what a sender is to begin with, if it has to be started. What sequences want they hand over again; a stake that
 * its last run saw to is in that run's memo, because nobody would ask for it a second time.
 */
export async function senderInput(temporal: Client, chainId: number, account: Address): Promise<SenderInput> {
  const described = await temporal.workflow
    .getHandle(senderWorkflowId(chainId, account))
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null
      throw error
    })
  const { stakes } = (described?.memo ?? {}) as WorkflowMemo
  return { chainId, account, queue: (stakes ?? []).map(({ intent }) => intent) }
}
