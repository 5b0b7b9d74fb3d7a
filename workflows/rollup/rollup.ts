import * as wf from '@temporalio/workflow'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import { refuseUnknown } from '../../protocol/operator/requests.ts'
import { planRollup, toPrepare } from '../../protocol/rollup/plan.ts'
import type { RollupSurvey } from '../../protocol/rollup/survey.ts'
import { searchAttributes } from '../../protocol/temporal/attributes.ts'
import { linesQuery, wakeSignal } from '../../protocol/temporal/messages.ts'
import type { RollupInput } from '../../protocol/temporal/workflow-inputs.ts'
import { serveAdmins } from '../operator/admin.ts'
import { markdownList, tellInMemo } from '../telling.ts'
import { failureText, pause } from '../waiting.ts'
import { prepareInTurn, preparingApart } from './preparing.ts'
import { chain, start } from './start.ts'

/** The pause after a survey or a preparation has failed. */
const AFTER_FAILURE_MS = 10_000

/**
 * Between two looks while a sequence is prepared, at least, where nobody wakes it. What gets deep meanwhile waits for
 * its turn anyway, and looks at every block, for hours, would fill the history.
 */
const WHILE_PREPARING_MS = 10_000

/**
 * Keeps the list of a rollup's sequences. It has their inputs prepared in order and starts one workflow for each. It
 * looks also while one is prepared: that may take an hour, and a proof that is owed can't wait so long.
 */
export async function rollup({ rollup: name }: RollupInput): Promise<void> {
  let isWoken = true
  let surveyed = ['takes its first look at the chain']
  let trouble: string | null = null
  let [hasStarted, hasMore] = [false, false]
  const wake = () => {
    isWoken = true
  }
  const preparing = preparingApart({ onChange: tell, onAllPrepared: () => (hasMore ? wake() : undefined) })
  wf.setHandler(linesQuery, lines)
  wf.setHandler(wakeSignal, wake)
  serveAdmins({
    rollup: name,
    rangeOf: ({ range }) => range ?? null,
    refuse: async (decision, range) =>
      range === null || decision === 'resume'
        ? null
        : refuseUnknown(await look('look for an admin', { about: range }), range),
    wake,
  })
  wf.upsertSearchAttributes([{ key: searchAttributes.rollup, value: name }])

  while (!mayContinueAsNew()) {
    isWoken = false
    const waitMs = await round()
    tell()
    await untilNextRound(waitMs)
  }
  await wf.condition(wf.allHandlersFinished)
  return wf.continueAsNew<typeof rollup>({ rollup: name })

  /** Tells whether the run may end: what is being prepared would be begun again. */
  function mayContinueAsNew(): boolean {
    return wf.workflowInfo().continueAsNewSuggested && !preparing.isUnderWay()
  }

  async function round(): Promise<number> {
    try {
      const survey = await look(`${name}: sequences`)
      await serve(survey)
      trouble = null
      return survey.waitMs
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      trouble = failureText(error)
      return AFTER_FAILURE_MS
    }
  }

  function look(summary: string, asked: { about?: BatchRange } = {}): Promise<RollupSurvey> {
    return chain.surveyRollup.executeWithOptions({ summary }, [{ rollup: name, ...asked }])
  }

  async function serve(survey: RollupSurvey): Promise<void> {
    const plan = planRollup(survey)
    const { queue, waits } = toPrepare(plan.next)
    surveyed = waits === null ? plan.lines : [...plan.lines, waits]
    hasStarted = plan.goOn.length > 0
    hasMore = (survey.moreToBegin ?? 0) > 0
    await start(plan.goOn, survey.setting)
    if (wf.patched('prepare-apart')) return preparing.take(queue, survey.setting)
    const quarantined = await prepareInTurn(queue, survey.setting)
    if (quarantined !== null) surveyed = [...plan.lines, quarantined]
  }

  async function untilNextRound(waitMs: number): Promise<void> {
    const until = Date.now() + waitMs
    const summary = lines()[0] ?? 'waits for a sequence'
    if (preparing.isUnderWay()) {
      const isOver = () => isWoken || !preparing.isUnderWay()
      await pause(isOver, hasStarted ? waitMs : Math.max(waitMs, WHILE_PREPARING_MS), summary)
      if (isWoken || preparing.isUnderWay() || mayContinueAsNew()) return
    }
    const hasFailed = preparing.failure() !== null
    await pause(() => isWoken, hasFailed ? AFTER_FAILURE_MS : until - Date.now(), summary)
  }

  /** Says where it stands, for operators. What goes wrong comes first. */
  function lines(): string[] {
    const wrong = trouble ?? (preparing.isUnderWay() ? null : preparing.failure())
    return [...new Set([...(wrong === null ? [] : [wrong]), ...surveyed, ...preparing.lines()])]
  }

  function tell(): void {
    wf.setCurrentDetails(markdownList(`Rollup **${name}**`, lines()))
    tellInMemo({ trouble: trouble ?? preparing.failure() })
  }
}
