import { beginnings, type ProofRun } from './proof-run.ts'

/** What the slots of all machines did, ms of slot time. They add up to slots x time. */
export interface SlotTime {
  proving: number
  /** With a task, and not proving: reading inputs, uploading, reporting. */
  around: number
  /** Free, while a task waited in the queue. */
  dispatch: number
  /** Free, while proofs that could have been asked for weren't: their sequence was being prepared. */
  preparation: number
  /** Free, while proofs that could have been asked for weren't, though their sequence was begun. */
  asking: number
  /** Free, and there was nothing to do: what was left waited for proofs that were being made. */
  graph: number
}

/**
 * Sums up what slots spent their time with between two moments, by cause. A slot that is free while several causes
 * stand is counted for what is nearest to it: first what waits in the queue, then what could be asked for.
 */
export function slotTime(runs: readonly ProofRun[], p: { slots: number; from: number; to: number }): SlotTime {
  const begun = beginnings(runs)
  const total: SlotTime = { proving: 0, around: 0, dispatch: 0, preparation: 0, asking: 0, graph: 0 }
  const inside = (moment: number) => Math.min(Math.max(moment, p.from), p.to)
  const moments = runs.flatMap((run) => [run.readyAt, run.scheduledAt, run.startedAt, run.reportedAt])
  const cuts = [...new Set([p.from, p.to, ...[...moments, ...begun.values()].map(inside)])].sort((a, b) => a - b)
  for (const [i, from] of cuts.entries()) {
    const to = cuts[i + 1]
    if (to !== undefined) add(total, counts(runs, begun, { at: from, slots: p.slots }), to - from)
  }
  total.proving = runs.reduce(
    (sum, run) => sum + Math.min(run.provingMs, inside(run.reportedAt) - inside(run.startedAt)),
    0,
  )
  total.around -= total.proving
  return total
}

/** Counts slots by what they do at a moment. */
function counts(
  runs: readonly ProofRun[],
  begun: Map<string, number>,
  { at, slots }: { at: number; slots: number },
): SlotTime {
  const count = (is: (run: ProofRun) => boolean) => runs.filter(is).length
  const busy = count((run) => run.startedAt <= at && at < run.reportedAt)
  const queued = count((run) => run.scheduledAt <= at && at < run.startedAt)
  const unasked = (run: ProofRun) => run.readyAt <= at && at < run.scheduledAt
  const isBegun = ({ sequence }: ProofRun) => (begun.get(sequence) ?? 0) <= at
  let free = Math.max(0, slots - busy)
  const take = (most: number) => {
    const taken = Math.min(free, most)
    free -= taken
    return taken
  }
  const dispatch = take(queued)
  const asking = take(count((run) => unasked(run) && isBegun(run)))
  const preparation = take(count((run) => unasked(run) && !isBegun(run)))
  return { proving: 0, around: busy, dispatch, preparation, asking, graph: free }
}

function add(total: SlotTime, counted: SlotTime, ms: number): void {
  for (const cause of Object.keys(total) as (keyof SlotTime)[]) total[cause] += counted[cause] * ms
}
