import type { Stage } from '../../../protocol/proof/task.ts'

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

/** Tells when the first proof of each sequence was asked for. */
export function beginnings(runs: readonly ProofRun[]): Map<string, number> {
  const begun = new Map<string, number>()
  for (const { sequence, scheduledAt } of runs)
    begun.set(sequence, Math.min(scheduledAt, begun.get(sequence) ?? Number.POSITIVE_INFINITY))
  return begun
}

/** Leaves out what went before: nothing of a sequence is ready before its first proof is asked for. */
export function onceBegun(runs: readonly ProofRun[]): ProofRun[] {
  const begun = beginnings(runs)
  return runs.map((run) => ({ ...run, readyAt: Math.max(run.readyAt, begun.get(run.sequence) ?? 0) }))
}

/**
 * Measures times between a report and the next start on the slot that it left, ms, where that was ready by then. The
 * slot that is free first is taken first.
 */
export function nextStarts(runs: readonly ProofRun[]): number[] {
  const reports = runs.map(({ reportedAt }) => reportedAt).sort((a, b) => a - b)
  const times: number[] = []
  let taken = 0
  for (const { readyAt, startedAt } of runs.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const report = reports[taken]
    if (report === undefined || report > startedAt) continue // no proof had used the slot before
    taken += 1
    if (readyAt <= report) times.push(startedAt - report)
  }
  return times
}

/**
 * Measures times between the moment in which a proof could be begun and its start, ms, where a slot was free at that
 * moment and no other proof was about to take it.
 */
export function startsOnFreeSlots(runs: readonly ProofRun[], slots: number): number[] {
  const isInTheWayAt = (run: ProofRun, at: number) => run.readyAt <= at && at < run.reportedAt
  return runs.flatMap((run) => {
    const others = runs.filter((other) => other !== run && isInTheWayAt(other, run.readyAt)).length
    return others < slots ? [run.startedAt - run.readyAt] : []
  })
}
