import { availableParallelism } from 'node:os'
import { provingSetup } from '../../dev/setup/proving-steps.ts'
import { SLOTS } from '../../kinds/payments/transfer.ts'
import { STAGES } from '../../protocol/proof/task.ts'
import type { Benchmark, Figures } from '../benchmark.ts'
import { openBed } from '../load/bed.ts'
import { type LoadResult, runLoad } from '../load/run-load.ts'
import { listSchedule, type StageTimes } from '../load/scheduling/list-schedule.ts'
import { proveAlone } from './alone.ts'
import { gatesOfBatch } from './larger-batches.ts'

const CONFIRMATIONS = 20

/** Transfers that a batch might have. */
const TRANSFERS = [4, 8, 16, 32] as const

/** How often each stage is proved alone. */
const TRIES = 2

export const proving: Benchmark<'batches' | 'slots' | 'threads'> = {
  name: 'proving',
  method:
    "the payments rollup's real proofs on this machine: sequences of 1, 2, 4 … batches, one at a time, from the moment in " +
    'which one could be begun to its verified final proof, beside what the same proofs take when each is made alone, ' +
    'without servers, and begins when what it needs is there (list scheduling)',
  rounds: 1,
  settings: {
    batches: { what: 'batches of the longest sequence', default: 16 },
    slots: { what: 'proofs that are made at a time', default: 1 },
    threads: { what: 'threads of a proof; 0: processors divided by slots', default: 0 },
  },
  async measure({ batches, slots, threads: chosen }) {
    const { steps, artifactsDir } = await provingSetup('development')
    for (const step of steps) if (!(await step.isDone())) await step.run(() => {}, new AbortController().signal)
    const threads = chosen === 0 ? Math.max(1, Math.floor(availableParallelism() / slots)) : chosen
    const alone = await proveAlone({ artifactsDir, threads, tries: TRIES })
    const figures: Figures = {}
    for (const stage of STAGES) {
      figures[`s alone, ${stage}`] = alone.ms[stage] / 1000
      figures[`MiB at the most alone, ${stage}`] = alone.peakMemoryBytes[stage] / 2 ** 20
    }
    for (const transfers of TRANSFERS)
      figures[`gates of a batch, ${transfers} transfers`] = await gatesOfBatch(artifactsDir, transfers)
    const bed = await openBed({ confirmations: CONFIRMATIONS, artifactsDir })
    try {
      await bed.startProvers({ processes: 1, slots, threads })
      for (let size = 1; size <= batches; size *= 2) {
        const result = await runLoad(bed, { sizes: [size], confirmations: CONFIRMATIONS, probes: false })
        for (const [figure, value] of Object.entries(figuresOf(result, { size, slots, times: alone.ms })))
          figures[`${figure}, ${size} batches`] = value
      }
    } finally {
      await bed.close()
    }
    return figures
  },
}

function figuresOf({ runs, time, cpu }: LoadResult, p: { size: number; slots: number; times: StageTimes }): Figures {
  const makespanMs = time.to - time.from
  const boundMs = listSchedule([p.size], p.slots, p.times)
  const others = Object.entries(cpu).reduce((sum, [part, ms]) => (part === 'provers' ? sum : sum + ms), 0)
  return {
    's makespan': makespanMs / 1000,
    's bound': boundMs / 1000,
    'makespan / bound': makespanMs / boundMs,
    's that provers say proving took': runs.reduce((sum, { provingMs }) => sum + provingMs, 0) / 1000,
    's of CPU beside provers': others / 1000,
    'transfers a second': (1000 * p.size * SLOTS) / makespanMs,
  }
}
