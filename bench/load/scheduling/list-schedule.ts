import type { BatchRange } from '../../../protocol/base/ranges.ts'
import { beginJoin, finishSpan, readyJoins, type Span } from '../../../protocol/proof/aggregation-plan.ts'
import { STAGE_PRIORITY, type Stage } from '../../../protocol/proof/task.ts'

/** How long a proof of each stage takes, ms. */
export type StageTimes = Readonly<Record<Stage, number>>

interface Task {
  stage: Stage
  range: BatchRange
  sequence: Graph
}

/** What is proved of one sequence, and what that makes possible. */
interface Graph {
  size: number
  spans: Span[]
}

/**
 * Reckons how long machines take for all proofs of some sequences when nothing but proving takes time, ms: each free
 * machine takes the most urgent task that is ready, in the order of the data (list scheduling). Tasks become ready as
 * protocol/proof/aggregation-plan.ts has it.
 */
export function listSchedule(sizes: readonly number[], machines: number, times: StageTimes): number {
  const ready: Task[] = sizes.flatMap(batchTasks)
  const running: { task: Task; endsAt: number }[] = []
  let now = 0
  while (ready.length > 0 || running.length > 0) {
    while (ready.length > 0 && running.length < machines) {
      const task = takeMostUrgent(ready)
      running.push({ task, endsAt: now + times[task.stage] })
    }
    now = Math.min(...running.map(({ endsAt }) => endsAt))
    for (const ended of running.filter(({ endsAt }) => endsAt === now)) {
      running.splice(running.indexOf(ended), 1)
      ready.push(...followers(ended.task))
    }
  }
  return now
}

function batchTasks(size: number): Task[] {
  const sequence: Graph = { size, spans: [] }
  return Array.from({ length: size }, (_, i) => ({ stage: 'batch', range: { from: i + 1, to: i + 1 }, sequence }))
}

function takeMostUrgent(ready: Task[]): Task {
  const best = Math.min(...ready.map(({ stage }) => STAGE_PRIORITY[stage]))
  const [task] = ready.splice(
    ready.findIndex(({ stage }) => STAGE_PRIORITY[stage] === best),
    1,
  )
  if (task === undefined) throw new RangeError('Nothing is ready.')
  return task
}

/** Finds what can be made once a proof is there. */
function followers({ stage, range, sequence }: Task): Task[] {
  if (stage === 'final') return []
  sequence.spans = finishSpan(sequence.spans, range)
  if (range.from === 1 && range.to === sequence.size) return [{ stage: 'final', range, sequence }]
  const joins = readyJoins(sequence.spans)
  for (const pair of joins) sequence.spans = beginJoin(sequence.spans, pair)
  return joins.map(([left, right]) => ({ stage: 'aggregate', range: { from: left.from, to: right.to }, sequence }))
}
