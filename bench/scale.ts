import { rollupWorkflowId } from '../protocol/temporal/ids.ts'
import type { Benchmark, Figures } from './benchmark.ts'
import { type Bed, openBed } from './load/bed.ts'
import { cpuMs } from './load/cpu.ts'
import { answeredAfter, ask } from './load/recovery/answers.ts'
import { until } from './load/recovery/place.ts'
import { type LoadResult, runLoad } from './load/run-load.ts'

/** Sequences under way at one moment, and their batches; as many that no figure is of a few proofs only. */
const CASES = [
  { name: '1 batches a sequence', sequences: 100, batches: 1 },
  { name: '10 batches a sequence', sequences: 10, batches: 10 },
  { name: '100 batches a sequence', sequences: 2, batches: 100 },
  { name: '1000 batches a sequence', sequences: 1, batches: 1_000 },
  { name: '10 sequences in flight', sequences: 10, batches: 1 },
  { name: '100 sequences in flight', sequences: 100, batches: 1 },
  { name: '1000 sequences in flight', sequences: 1_000, batches: 1 },
] as const

const SLOTS = 10

/** Blocks that the postings themselves may take, beside one for each sequence. */
const SPARE_BLOCKS = 50

const NO_TIME = { batch: 0, aggregate: 0, final: 0 }

/** How what a proof costs grows with what there is of everything. */
export const scale: Benchmark<'most'> = {
  name: 'scale',
  method:
    'MEASURES SCHEDULING, NOT PROVING: simulated proofs that take no time, on ten slots; each row is a deployment of its ' +
    'own, in which all sequences are taken up at one moment, proved, and settled by the two-step rule',
  rounds: 1,
  settings: { most: { what: 'batches a sequence, and sequences in flight, at the most', default: 1_000 } },
  async measure({ most }) {
    const figures: Figures = {}
    for (const { name, sequences, batches } of CASES) {
      if (Math.max(sequences, batches) > most) continue
      const measured = await measureOne(Array.from({ length: sequences }, () => batches))
      for (const [figure, value] of Object.entries(measured)) figures[`${figure}, ${name}`] = value
    }
    return figures
  },
}

async function measureOne(sizes: readonly number[]): Promise<Figures> {
  const confirmations = sizes.length + SPARE_BLOCKS
  const bed = await openBed({ confirmations })
  try {
    await bed.startProvers({ processes: 1, slots: SLOTS, times: NO_TIME })
    const load = await runLoad(bed, { sizes, confirmations, probes: false })
    return { ...figuresOf(load, sizes.length), ...(await startAgain(bed)) }
  } finally {
    await bed.close()
  }
}

/** What a start costs with all that there is in chain and stores. */
async function startAgain(bed: Bed): Promise<Figures> {
  const rollup = bed.temporal.workflow.getHandle(rollupWorkflowId(bed.rollup.name))
  const sinceMs = Date.now()
  await bed.restartAggregator()
  await ask(rollup)
  const surveyedMs = await until('the rollup is surveyed', () =>
    answeredAfter(bed.temporal, rollup.workflowId, 'surveyRollup', sinceMs),
  )
  return {
    's from start to the first survey': (surveyedMs - sinceMs) / 1000,
    's of CPU of the aggregator until then': (cpuMs(bed.parts()).aggregator ?? 0) / 1000,
  }
}

function figuresOf({ runs, time, histories, cpu, aggregatorPeakBytes }: LoadResult, sequences: number): Figures {
  const proofs = runs.length
  const { all, most } = histories
  return {
    'proofs a second': (1000 * proofs) / (time.to - time.from),
    'ms of CPU a proof in all': Object.values(cpu).reduce((sum, ms) => sum + ms, 0) / proofs,
    'ms of CPU a proof in aggregator': (cpu.aggregator ?? 0) / proofs,
    'events a proof in all histories': all.events / proofs,
    'events a sequence in all histories': all.events / sequences,
    'events of the longest history': most.events,
    'KB of the largest history': most.bytes / 1000,
    'MB of the aggregator at the most': aggregatorPeakBytes / 1e6,
  }
}
