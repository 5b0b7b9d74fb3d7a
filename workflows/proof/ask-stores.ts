import * as wf from '@temporalio/workflow'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { trustedActivities } from '../waiting.ts'

type Questions = Pick<ProvingActivities, 'findProvedSpans' | 'openTask' | 'acceptProof'>

/**
 * Questions to the stores that take milliseconds: asked within the workflow's own task, which costs one event instead
 * of six and no way to the server and back. While a store is away or slow, the server has them asked until it is back.
 */
export type Stores = {
  [Name in keyof Questions]: (
    summary: string,
    about: Parameters<Questions[Name]>[0],
  ) => Promise<Awaited<ReturnType<Questions[Name]>>>
}

/** A workflow's task has 10 seconds. After 8 the SDK would have to ask for more time, which is three events. */
const here = wf.proxyLocalActivities<Questions>({
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
})

/** Retries and waits of the server aren't events. */
const byServer = trustedActivities<Questions>({
  startToCloseTimeout: '2 minutes', // verifying takes milliseconds, reading the stores seconds
  // hours of proving must not end with a store's restart; the looks show that it is away
  retry: { maximumInterval: '30 seconds' },
})

/** For one run of a workflow. */
export function askStores(): Stores {
  const isHere = wf.patched('stores-asked-here') // older runs had the server ask all of them
  const inTurn = takeTurns()
  return {
    findProvedSpans: ask(here.findProvedSpans, byServer.findProvedSpans),
    openTask: ask(here.openTask, byServer.openTask),
    acceptProof: ask(here.acceptProof, byServer.acceptProof),
  }

  function ask<About, Answer>(near: Asked<About, Answer>, far: Asked<About, Answer>) {
    return async (summary: string, about: About): Promise<Answer> => {
      const scope = wf.CancellationScope.current()
      if (isHere)
        try {
          return await inTurn(() => near.executeWithOptions({ summary }, [about]))
        } catch (error) {
          if (scope.consideredCancelled) throw error // else the server's failure says more: it names the activity
        }
      return far.executeWithOptions({ summary }, [about])
    }
  }
}

interface Asked<About, Answer> {
  executeWithOptions(options: { summary: string }, args: [About]): Promise<Answer>
}

/**
 * One after the other: answers to questions that are asked together come together in a replay, whatever came first
 * when they were asked, so whoever waits for a condition would see another state
 * (findings/temporal-local-activities-replayed.sh). For the same reason nothing is cancelled in the middle.
 */
function takeTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    const scope = wf.CancellationScope.current()
    const turn = async () => {
      if (scope.consideredCancelled) throw new wf.CancelledFailure('nobody needs the answer any more')
      return wf.CancellationScope.nonCancellable(question)
    }
    const answer = last.then(turn)
    last = answer.catch(() => {})
    return answer
  }
}
