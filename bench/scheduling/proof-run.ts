import type { Stage } from '../../protocol/proof/task.ts'

/** One proof on its way from what it is made of to the prover's report. Moments are ms since 1970, with fractions. */
export interface ProofRun {
  /** The sequence that it is for. */
  sequence: string
  stage: Stage
  /** All that it is made of is there: for a batch that is when its sequence could have been begun. */
  readyAt: number
  /** The aggregator's workflow has asked for it. */
  scheduledAt: number
  /** A prover has it. */
  startedAt: number
  /** The prover's report is at the server. */
  reportedAt: number
  /** What the prover says that proving itself took, ms. */
  provingMs: number
}

/** Times between a report and the next start on the slot that it left, ms; what is free first is taken first. */
export function nextStarts(runs: readonly ProofRun[]): number[] {
  const reports = runs.map(({ reportedAt }) => reportedAt).sort((a, b) => a - b)
  const starts = runs.map(({ startedAt }) => startedAt).sort((a, b) => a - b)
  const free: number[] = []
  const times: number[] = []
  for (const start of starts) {
    while (reports[0] !== undefined && reports[0] <= start) free.push(reports.shift() as number)
    const left = free.shift()
    if (left !== undefined) times.push(start - left)
  }
  return times
}

/** Times between the moment in which a proof could be begun and its start, ms, where a slot was free at that moment. */
export function startsOnFreeSlots(runs: readonly ProofRun[], slots: number): number[] {
  const isBusyAt = (run: ProofRun, at: number) => run.startedAt <= at && at < run.reportedAt
  return runs.flatMap((run) => {
    const busy = runs.filter((other) => other !== run && isBusyAt(other, run.readyAt)).length
    return busy < slots ? [run.startedAt - run.readyAt] : []
  })
}
