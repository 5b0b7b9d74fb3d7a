import type { Benchmark, Figures } from './benchmark.ts'
import { openBed } from './load/bed.ts'
import { type LoadResult, runLoad } from './load/run-load.ts'
import { slotTime } from './load/scheduling/idle.ts'
import { listSchedule, type StageTimes } from './load/scheduling/list-schedule.ts'
import { percentile } from './load/scheduling/percentile.ts'
import { nextStarts } from './load/scheduling/proof-run.ts'
import { mixedSizes } from './load/scheduling/sizes.ts'

/**
 * The stress test of Opside's V2.0 in 2023: 566 batch proofs on 10 machines in 27,520 s, so about 486 s of a machine
 * for each. The other stages have their share of it.
 */
const BATCH_MS = 486_000
const SHARE = { aggregate: 0.05, final: 0.15 }

/** Sequences before the measured ones: code is compiled, and connections are open. */
const WARM_UP = [3]

/** Blocks that the postings themselves may take, beside one for each sequence. */
const SPARE_BLOCKS = 50

const LAYOUTS = { slots: 1, processes: 2, both: 3 } as const

export const stress: Benchmark<'batches' | 'sequences' | 'machines' | 'scale' | 'layout'> = {
  name: 'stress',
  method:
    'MEASURES SCHEDULING, NOT PROVING: provers are simulated and sleep as long as those of the stress test of 2023 took, ' +
    'scaled down; sequences of mixed sizes are posted on an anvil, proved, and settled by the two-step rule; time counts ' +
    'from the moment in which all of them could be begun to the last verified final proof',
  rounds: 1,
  replaces: ['bench', 'provers/simulated', 'provers/noir/peak-memory.ts', 'dev/deployment/processes.ts'],
  settings: {
    batches: { what: 'batches in all', default: 566 },
    sequences: { what: 'sequences that they are posted in', default: 20 },
    machines: { what: 'provers', default: 10 },
    scale: { what: 'by what stage times are divided, as 100; with 1000000 proofs take no time', default: 1000 },
    layout: {
      what: 'provers are slots of one process (1), processes (2), or one after the other both (3)',
      default: 3,
    },
  },
  async measure(given) {
    const figures: Figures = {}
    const layouts = { slots: [1, given.machines], processes: [given.machines, 1] } as const
    for (const layout of ['slots', 'processes'] as const) {
      if (given.layout !== LAYOUTS.both && given.layout !== LAYOUTS[layout]) continue
      const [processes, slots] = layouts[layout]
      const measured = await measureLayout(given, { processes, slots })
      for (const [figure, value] of Object.entries(measured)) figures[`${figure}, ${layout}`] = value
    }
    return figures
  },
}

/** Divides the stage times. */
function scaledTimes(scale: number): StageTimes {
  const scaled = (ms: number) => Math.round(ms / scale)
  return {
    batch: scaled(BATCH_MS),
    aggregate: scaled(BATCH_MS * SHARE.aggregate),
    final: scaled(BATCH_MS * SHARE.final),
  }
}

async function measureLayout(
  given: { batches: number; sequences: number; scale: number },
  { processes, slots }: { processes: number; slots: number },
): Promise<Figures> {
  const times = scaledTimes(given.scale)
  const sizes = mixedSizes(given.batches, given.sequences)
  const confirmations = sizes.length + SPARE_BLOCKS
  const bed = await openBed({ confirmations })
  try {
    await bed.startProvers({ processes, slots, times })
    await runLoad(bed, { sizes: WARM_UP, confirmations, probes: false })
    const result = await runLoad(bed, { sizes, confirmations, probes: true })
    return figuresOf(result, { machines: processes * slots, boundMs: listSchedule(sizes, processes * slots, times) })
  } finally {
    await bed.close()
  }
}

function figuresOf(result: LoadResult, { machines, boundMs }: { machines: number; boundMs: number }): Figures {
  const { runs, time, histories, cpu, transactions, pauses, verifiedMs } = result
  const makespanMs = time.to - time.from
  const proofs = runs.length
  const next = nextStarts(runs)
  const spent = slotTime(runs, { slots: machines, ...time })
  const share = (ms: number) => (100 * ms) / (machines * makespanMs)
  const { proving, all } = histories
  return {
    's makespan': makespanMs / 1000,
    's list-scheduling bound': boundMs / 1000,
    'bound / makespan': boundMs / makespanMs,
    proofs,
    'proofs a second': (1000 * proofs) / makespanMs,
    's until all batches are verified on chain': verifiedMs / 1000,
    '% of machine time proving': share(spent.proving),
    '% of machine time reading inputs, uploading, reporting': share(spent.around),
    '% of machine time free while tasks are in the queue': share(spent.dispatch),
    '% of machine time free while sequences are prepared': share(spent.preparation),
    "% of machine time free while proofs aren't asked for": share(spent.asking),
    '% of machine time free with nothing to do': share(spent.graph),
    'ms p50 from report to next start': percentile(next, 0.5),
    'ms p99 from report to next start': percentile(next, 0.99),
    ...Object.fromEntries(Object.entries(cpu).map(([part, ms]) => [`ms of CPU a proof in ${part}`, ms / proofs])),
    'transactions of Postgres a proof': transactions / proofs,
    'events a proof in histories of proving': proving.events / proofs,
    'events a proof in all histories': all.events / proofs,
    'remote activities a proof in histories of proving': proving.remoteActivities / proofs,
    'local activities a proof in histories of proving': proving.localActivities / proofs,
    'workflow tasks a proof in histories of proving': proving.workflowTasks / proofs,
    ...(pauses !== null && {
      "ms longest pause of the aggregator's event loop": pauses.longestMs,
      "ms p99 pause of the aggregator's event loop": pauses.p99Ms,
    }),
  }
}
