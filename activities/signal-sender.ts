import type { SignalDefinition } from '@temporalio/common'
import { AGGREGATOR_TASK_QUEUE, senderWorkflowId } from '../protocol/ids.ts'
import { PRIORITY } from '../protocol/priorities.ts'
import { type SenderInput, WORKFLOW_TYPES } from '../protocol/workflow-inputs.ts'
import type { RollupContext, SubmissionDeps } from './context.ts'

/**
 * Signals the sender of a rollup's account, starting it if need be: a workflow can't signal-with-start, and a signal to a
 * sender that doesn't run would fail the caller.
 * @returns the sender's workflow id.
 */
export async function signalSender<Message>(
  { temporal }: SubmissionDeps,
  { chainId, miner }: RollupContext,
  signal: SignalDefinition<[Message]>,
  message: Message,
): Promise<string> {
  const workflowId = senderWorkflowId(chainId, miner)
  const input: SenderInput = { chainId, account: miner, queue: [] }
  await temporal.workflow.signalWithStart(WORKFLOW_TYPES.sender, {
    ...{ workflowId, taskQueue: AGGREGATOR_TASK_QUEUE, args: [input] },
    ...{ signal, signalArgs: [message] },
    staticSummary: `transactions of ${miner}`,
    priority: { priorityKey: PRIORITY.send },
  })
  return workflowId
}
