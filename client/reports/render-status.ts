import type { TaskQuarantine } from '../../db/decisions/refusals.ts'
import { formatRange } from '../../protocol/base/ranges.ts'
import { formatAge } from '../../protocol/base/units.ts'
import { replayText } from '../../protocol/rollup/survey.ts'
import { formatTable } from './format.ts'
import type { SequenceStatusEntry, StatusReport } from './read-status.ts'
import type { WindowNow } from './read-window.ts'

/** Renders the list as people read it. */
export function renderStatus(
  { sequences, holds, quarantines, replays, notes: rollupNotes }: StatusReport,
  nowMs: number,
): string {
  const list = formatTable(
    ['rollup', 'batches', 'phase', 'proofs', 'window', 'updated', 'waits for'],
    sequences.map((entry) => row(entry, nowMs)),
  )
  const notes = [
    ...holds.map(
      (h) =>
        `${h.hold}: ${h.rollup}${h.range === null ? '' : ` batches ${formatRange(h.range)}`}: ${h.reason} (${h.who})`,
    ),
    ...quarantines.flatMap((q) => [
      `quarantined: ${q.rollup} ${q.stage} proof of batches ${formatRange(q)}: ${q.reason}`,
      ...renderFailures(q),
    ]),
    ...replays.map((replay) => `${replay.rollup}: ${replayText(replay)}, since ${replay.startedAt}`),
    ...rollupNotes.map(({ rollup, text }) => `${rollup}: ${text}`),
  ]
  return [sequences.length === 0 ? 'No sequence is known yet.\n' : list, ...notes.map((note) => `${note}\n`)].join('')
}

function row(entry: SequenceStatusEntry, nowMs: number): string[] {
  const { rollup, phase, proofsDone, proofsNeeded, window, updatedAt, text, outcome } = entry
  const proofs = `${proofsDone}/${proofsNeeded}`
  return [
    rollup,
    formatRange(entry),
    outcome ?? phase,
    proofs,
    renderWindow(window),
    formatAge(updatedAt, nowMs),
    outcome === null ? text : '',
  ]
}

/** Says which provers failed it, why and when. */
export const renderFailures = ({ failures }: TaskQuarantine): string[] =>
  failures.map(
    ({ prover, why, times, at }) => `  ${prover}, ${times === 1 ? 'at' : `${times} times, last at`} ${at}: ${why}`,
  )

/** Renders it like `prove, 7 blocks left (to 118)`. */
function renderWindow(window: WindowNow | null): string {
  if (window === null) return '-'
  const { phase, lastBlock, blocksLeft } = window
  return lastBlock === null ? phase : `${phase}, ${blocksLeft} blocks left (to ${lastBlock})`
}

/** Says what keeps work from going on, a line each; nothing when all is well. */
export function renderWorkflows(workflows: StatusReport['workflows']): string[] {
  if ('unreachable' in workflows) return [`How the workflows are isn't known: ${workflows.unreachable}`]
  const { silentSince, stuck, troubles, lost } = workflows
  return [
    ...(silentSince === null
      ? []
      : [`The aggregator ${renderSilence(silentSince)}. What is listed is as it was then.`]),
    ...stuck.map(
      (id) => `Workflow ${id} can't go on: its task fails again and again. The aggregator ends it and starts it again.`,
    ),
    ...troubles.map(({ workflowId, trouble }) => `Trouble of ${workflowId}: ${trouble}`),
    ...lost.map(({ workflowId, at, why }) => `Workflow ${workflowId} was lost at ${at} and started again: ${why}`),
  ]
}

/** @param silentSince ISO text, or `never`. */
export const renderSilence = (silentSince: string): string =>
  silentSince === 'never'
    ? "doesn't answer: it was never heard of"
    : `doesn't answer: it was heard of last at ${silentSince}`
