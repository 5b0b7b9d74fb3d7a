import * as wf from '@temporalio/workflow'
import type { PartProgress } from './part-progress.ts'
import type { WorkUnderWay } from './work-under-way.ts'

/**
 * A history that is longer ends the run, though all that is being made begins again. The server ends a workflow at
 * 51,200 events or 50 MB.
 * Only proofs and their failures are written here, so it takes thousands of failures.
 */
const MOST = { events: 20_000, bytes: 20 * 2 ** 20 }

type History = Pick<wf.WorkflowInfo, 'historyLength' | 'historySize' | 'continueAsNewSuggested'>

/**
 * Tells whether a run that proves continues as new. It does so as soon as the server suggests it, some 4,000 events, if
 * that abandons nobody's work.
 */
export const isDue = (
  { historyLength, historySize, continueAsNewSuggested }: History,
  work: Pick<WorkUnderWay, 'isAtRest'>,
): boolean => historyLength > MOST.events || historySize > MOST.bytes || (continueAsNewSuggested && work.isAtRest())

/**
 * Has something proved, as long as the run's history isn't too long.
 * @param events what hears when the stores have said what there is.
 * @returns null when the run is to continue as new. All that was under way has ended then.
 */
export async function proveInRun<T>(
  underWay: WorkUnderWay,
  { onLooked }: Pick<PartProgress, 'onLooked'>,
  prove: () => Promise<T>,
): Promise<{ proved: T } | null> {
  const scope = new wf.CancellationScope()
  const proving = scope.run(prove)
  proving.catch(() => {}) // it is heard below
  wf.condition(() => !underWay.isLooking()).then(onLooked, () => {}) // it may be cancelled before that
  const due = wf.CancellationScope.nonCancellable(() =>
    // Older runs went on until the server ended them. They continue as soon as they aren't replayed.
    wf.condition(() => isDue(wf.workflowInfo(), underWay) && wf.patched('long-runs-continue')),
  )
  const hasEnded = await Promise.race([proving.then(() => true), due.then(() => false)])
  if (!hasEnded) {
    scope.cancel()
    // The next run begins parts of the same ids, and its words mustn't overtake those of this one.
    await wf.CancellationScope.nonCancellable(() => wf.condition(underWay.isOver))
    // It wouldn't hear that nobody wants it any more.
    if (!wf.CancellationScope.current().consideredCancelled) return null
  }
  return { proved: await proving }
}
