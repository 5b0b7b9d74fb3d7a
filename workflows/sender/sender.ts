import * as wf from '@temporalio/workflow'
import type { AdminAnswer } from '../../protocol/operator/requests.ts'
import { checkStakeRequest, type StakeRequest } from '../../protocol/operator/stake.ts'
import { enqueue, type Intent, isIntent } from '../../protocol/sender/intent.ts'
import type { SenderActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY, searchAttributes } from '../../protocol/temporal/attributes.ts'
import { intentSignal, linesQuery, queueQuery, stakeUpdate, wakeSignal } from '../../protocol/temporal/messages.ts'
import type { SenderInput } from '../../protocol/temporal/workflow-inputs.ts'
import { markdownList, tellInMemo } from '../telling.ts'
import { failureText, pause, trustedActivities } from '../waiting.ts'

const account = trustedActivities<SenderActivities>({
  startToCloseTimeout: '2 minutes', // a pass asks every endpoint a few times; a hanging one times out after 10 s
  retry: { maximumAttempts: 3 }, // then the loop shows the failure and looks again
  priority: { priorityKey: PRIORITY.send },
})

const IDLE = 'idle: waits for an intent'

/** Owns one account's nonce alone. It signs, broadcasts and watches the account's transactions. */
export async function sender(input: SenderInput): Promise<void> {
  let queue = input.queue
  let arrivals: Intent[] = []
  let lines = ['takes its first look at the account']
  let isWoken = true
  wf.setHandler(linesQuery, () => (lines.length > 0 ? lines : [IDLE]))
  wf.setHandler(wakeSignal, () => {
    isWoken = true
  })
  wf.setHandler(intentSignal, (intent) => {
    if (!isIntent(intent)) return
    arrivals = enqueue(arrivals, intent)
    isWoken = true
  })
  wf.setHandler(queueQuery, () => arrivals.reduce(enqueue, queue))
  wf.setHandler(stakeUpdate, stake, { validator: checkStakeRequest })
  wf.upsertSearchAttributes([
    { key: searchAttributes.chainId, value: input.chainId },
    { key: searchAttributes.miner, value: input.account },
  ])

  while (!wf.workflowInfo().continueAsNewSuggested) {
    isWoken = false
    queue = takeArrivals()
    const pass = await advance()
    queue = pass.queue
    lines = pass.lines
    tellStakes()
    wf.setCurrentDetails(markdownList(`Account ${input.account} on chain ${input.chainId}`, lines))
    if (arrivals.length === 0) await pause(() => isWoken, pass.waitMs, lines[0] ?? IDLE)
  }
  await wf.condition(wf.allHandlersFinished)
  return wf.continueAsNew<typeof sender>({ ...input, queue: takeArrivals() })

  async function stake({ rollup, toWei }: StakeRequest): Promise<AdminAnswer> {
    const asked = { chainId: input.chainId, account: input.account, rollup, toWei }
    const { answer, intent } = await account.openStake.executeWithOptions(
      { summary: `look at the stake in ${rollup}` },
      [asked],
    )
    if (intent !== null) arrivals = enqueue(arrivals, intent)
    tellStakes()
    isWoken = true
    return answer
  }

  /**
   * Tells of stakes, because who asked for one follows it there, and a sender whose run was lost is started anew with
   * it.
   */
  function tellStakes(): void {
    const stakes = arrivals.reduce(enqueue, queue).flatMap((intent) => {
      if (intent.step !== 'stake') return []
      const standing =
        lines.find((line) => line.includes(`stake ${intent.rollup}`)) ?? 'it waits for the sender to look'
      return [{ intent, standing }]
    })
    tellInMemo({ stakes: stakes.length > 0 ? stakes : null })
  }

  function takeArrivals(): Intent[] {
    const taken = arrivals.reduce(enqueue, queue)
    arrivals = []
    return taken
  }

  async function advance() {
    try {
      const summary = `${queue.length} intents`
      const state = { chainId: input.chainId, account: input.account, queue }
      const pass = await account.advanceSender.executeWithOptions({ summary }, [state])
      tellInMemo({ trouble: null })
      return pass
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      tellInMemo({ trouble: failureText(error) })
      return { queue, unfinalNonces: 0, lines: [failureText(error)], waitMs: 10_000 }
    }
  }
}
