import * as wf from '@temporalio/workflow'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY, searchAttributes } from '../../protocol/temporal/attributes.ts'
import { linesQuery, watcherSignal } from '../../protocol/temporal/messages.ts'
import type { ChainInput } from '../../protocol/temporal/workflow-inputs.ts'
import { markdownList, tellInMemo } from '../telling.ts'
import { failureText, pause } from '../waiting.ts'

const watcher = wf.proxyActivities<WatchActivities>({
  startToCloseTimeout: '2 hours', // a run of the watcher ends by itself after an hour
  heartbeatTimeout: '30 seconds', // it beats every few seconds, blocks or not; silence means that its process is gone
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' }, // a chain that is away comes back some day
  priority: { priorityKey: PRIORITY.send },
})

/**
 * The pause after a run of the watcher failed for good. Somebody has to change something, and mustn't have to start
 * this workflow too.
 */
const AFTER_FAILURE_MS = 10_000

/** Keeps the watcher of one base chain running. */
export async function chain({ chainId }: ChainInput): Promise<void> {
  let trouble: string | null = null
  wf.setHandler(linesQuery, () => [line()])
  wf.upsertSearchAttributes([{ key: searchAttributes.chainId, value: chainId }])
  show(null)
  wf.setHandler(watcherSignal, show) // one that came before the first task is heard here
  while (!wf.workflowInfo().continueAsNewSuggested) {
    try {
      await watcher.watchChain.executeWithOptions({ summary: `chain ${chainId}: follow its blocks` }, [{ chainId }])
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      show(failureText(error))
      await pause(() => false, AFTER_FAILURE_MS, line())
      show(null)
    }
  }
  return wf.continueAsNew<typeof chain>({ chainId })

  function line(): string {
    return trouble ?? `watching chain ${chainId}: the watcher's heartbeat names its head`
  }

  function show(next: string | null): void {
    trouble = next
    tellInMemo({ trouble })
    wf.setCurrentDetails(
      markdownList(`Watches chain **${chainId}** and wakes the workflows that a block concerns.`, [line()]),
    )
  }
}
