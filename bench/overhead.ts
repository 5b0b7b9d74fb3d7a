import type { Benchmark, Figures } from './benchmark.ts'
import { type Bed, openBed } from './load/bed.ts'
import { runNaive } from './load/naive/run-naive.ts'
import { type LoadResult, runLoad } from './load/run-load.ts'
import { percentile } from './load/scheduling/percentile.ts'
import { nextStarts, onceBegun, startsOnFreeSlots } from './load/scheduling/proof-run.ts'
import { mixedSizes } from './load/scheduling/sizes.ts'

const SLOTS = [1, 10, 50, 200]
const PARTS = [0.5, 0.9, 0.99]

/** How long a proof takes while times between proofs are measured, ms. */
const PROOF_MS = 100

/** Batches for each slot, and no fewer in all. */
const BATCHES_PER_SLOT = 2
const LEAST_BATCHES = 20

const TASK_MS = [0, 20, 100, 500]
const THROUGHPUT_SLOTS = 10

/** Batches of a sequence, on average. */
const SEQUENCE = 25

/** Blocks on top of a posting before it is worked on: more than there are postings. */
const CONFIRMATIONS = 100

/** Gives all stages the same time, ms. */
const equalTimes = (ms: number) => ({ batch: ms, aggregate: ms, final: ms })

export const overhead: Benchmark<'batches' | 'slots'> = {
  name: 'overhead',
  method:
    'MEASURES SCHEDULING, NOT PROVING: provers in one process are simulated, and all stages sleep as long; times between ' +
    `proofs of ${PROOF_MS} ms by the number of slots; proofs a second on ${THROUGHPUT_SLOTS} slots by how long they take, ` +
    'beside as many activities of one workflow that does nothing else on the same server (naive)',
  rounds: 1,
  replaces: ['bench', 'provers/simulated', 'provers/noir/peak-memory.ts', 'dev/deployment/processes.ts'],
  settings: {
    batches: { what: 'batches whose proofs are counted by the second; a batch is two proofs', default: 283 },
    slots: { what: 'most slots whose times are measured', default: 200 },
  },
  async measure(given) {
    const bed = await openBed({ confirmations: CONFIRMATIONS })
    try {
      const figures: Figures = {}
      await load(bed, { slots: 2, ms: 1, batches: 3 }) // code is compiled, and connections are open
      for (const slots of SLOTS.filter((slots) => slots <= given.slots))
        Object.assign(figures, await latencies(bed, slots))
      return Object.assign(figures, await throughputs(bed, given.batches))
    } finally {
      await bed.close()
    }
  },
}

async function load(bed: Bed, p: { slots: number; ms: number; batches: number }): Promise<LoadResult> {
  await bed.startProvers({ processes: 1, slots: p.slots, times: equalTimes(p.ms) })
  const sizes = mixedSizes(p.batches, Math.ceil(p.batches / SEQUENCE))
  return runLoad(bed, { sizes, confirmations: CONFIRMATIONS, probes: false })
}

async function latencies(bed: Bed, slots: number): Promise<Figures> {
  const batches = Math.max(LEAST_BATCHES, BATCHES_PER_SLOT * slots)
  const runs = onceBegun((await load(bed, { slots, ms: PROOF_MS, batches })).runs)
  const times = {
    'report to next start': nextStarts(runs),
    'ready to start on a free slot': startsOnFreeSlots(runs, slots),
  }
  const figures: Figures = {}
  for (const [what, ms] of Object.entries(times))
    if (ms.length > 0)
      for (const part of PARTS) figures[`ms p${100 * part} from ${what}, ${slots} slots`] = percentile(ms, part)
  return figures
}

async function throughputs(bed: Bed, batches: number): Promise<Figures> {
  const naive = await runNaive(bed.naive, { slots: THROUGHPUT_SLOTS, tasks: 2 * batches, taskMs: TASK_MS })
  const figures: Figures = {}
  for (const ms of TASK_MS) {
    const { runs, time } = await load(bed, { slots: THROUGHPUT_SLOTS, ms, batches })
    const perSecond = (1000 * runs.length) / (time.to - time.from)
    const bound = naive.get(ms) ?? Number.NaN
    figures[`tasks a second of zkpow, ${ms} ms a task`] = perSecond
    figures[`tasks a second of the naive fan-out, ${ms} ms a task`] = bound
    figures[`ratio of zkpow to the naive fan-out, ${ms} ms a task`] = perSecond / bound
  }
  return figures
}
