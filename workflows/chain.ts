import * as wf from '@temporalio/workflow'
import type { WatchActivities } from '../protocol/activities.ts'
import { linesQuery } from '../protocol/messages.ts'
import { searchAttributes } from '../protocol/search-attributes.ts'
import type { ChainInput } from '../protocol/workflow-inputs.ts'
import { failureText, pause } from './waiting.ts'

const watcher = wf.proxyActivities<WatchActivities>({
  startToCloseTimeout: '2 hours', // a run of the watcher ends by itself after an hour
  heartbeatTimeout: '30 seconds', // it beats every few seconds, blocks or not; silence means that its process is gone
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' }, // a chain that is away comes back some day
})

/** After a run of the watcher failed for good: somebody has to change something, and mustn't have to start this workflow too. */
const AFTER_FAILURE_MS = 10_000

/** Keeps the watcher of one base chain running. */
export async function chain({ chainId }: ChainInput): Promise<void> {
  let blocks = 0
  let failure: string | null = null
  wf.setHandler(linesQuery, () => [failure ?? `watching chain ${chainId}, ${blocks} blocks in this run`])
  wf.upsertSearchAttributes([{ key: searchAttributes.chainId, value: chainId }])
  wf.setCurrentDetails(`Watches chain **${chainId}** and wakes the workflows that a block concerns.`)
  while (!wf.workflowInfo().continueAsNewSuggested) {
    try {
      const run = await watcher.watchChain.executeWithOptions({ summary: `chain ${chainId}: follow its blocks` }, [{ chainId }])
      blocks += run.blocks
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      failure = failureText(error)
      await pause(() => false, AFTER_FAILURE_MS, failure)
      failure = null
    }
  }
  return wf.continueAsNew<typeof chain>({ chainId })
}
