import { setTimeout as delay } from 'node:timers/promises'
import { Listr, type ListrTask } from 'listr2'
import { readStatus, type SequenceStatusEntry, type StatusReport } from '../../client/reports/read-status.ts'
import { loadOperatorConfig } from '../../config/load.ts'
import type { OperatorConfig } from '../../config/types.ts'
import { connect, type Db } from '../../db/connection/connect.ts'
import { formatRange } from '../../protocol/base/ranges.ts'
import type { LocalDeployment, LocalRollup } from '../deployment/local-deployment.ts'
import type { Stack } from '../stack/stack.ts'
import { DemoFailedError } from './errors.ts'

export interface FollowOptions {
  stack: Stack
  deployment: LocalDeployment
  /** Batches per sequence, in the order of posting. */
  batches: readonly number[]
  signal: AbortSignal
}

/**
 * A run in which nothing changes for as long has failed, ms: the slowest proof takes a tenth of it on two busy cores.
 */
const STALLED_MS = 15 * 60_000

/** How often the view is redrawn, ms: a quarter of a block. */
const REDRAW_MS = 250

/**
 * Posts the sequences, each while the one before is being proved, and shows what each waits for until it is settled.
 * @throws DemoFailedError when one ends in another way than by our proof.
 */
export async function followSequences(options: FollowOptions): Promise<void> {
  const config = await loadOperatorConfig(options.deployment.settings.configFile)
  const { db, close } = connect(options.stack.postgresUrl, { maxConnections: 4, applicationName: 'zkpow demo' })
  const [rollup] = options.deployment.rollups
  if (rollup === undefined) throw new DemoFailedError('There is no rollup to post sequences to.')
  const view = new View(db, config, rollup, options)
  try {
    const tasks = options.batches.map((count, i) => view.task(i, count))
    await new Listr(tasks, { concurrent: true, registerSignalListeners: false, fallbackRenderer: 'verbose' }).run()
  } finally {
    await close()
  }
}

/** The line below a task's title. */
interface OutputLine {
  output: string
}

class View {
  readonly #db: Db
  readonly #config: OperatorConfig
  readonly #rollup: LocalRollup
  readonly #signal: AbortSignal

  constructor(db: Db, config: OperatorConfig, rollup: LocalRollup, { signal }: FollowOptions) {
    this.#db = db
    this.#config = config
    this.#rollup = rollup
    this.#signal = signal
  }

  task(index: number, batches: number): ListrTask {
    return {
      title: `sequence of ${batches} ${batches === 1 ? 'batch' : 'batches'}`,
      task: async (_, task) => {
        if (index > 0) await this.#untilProved(index, task)
        const posted = await this.#rollup.sequencer.post(batches)
        task.title = `batches ${formatRange(posted)}: ${posted.transfers} signed transfers`
        await this.#untilSettled(posted.to, task)
      },
    }
  }

  /** Waits until the sequence before this one is posted and a proof of it is being made. */
  async #untilProved(index: number, task: OutputLine): Promise<void> {
    task.output = 'is posted when the one before is being proved'
    await this.#poll(async () => {
      const { sequences: entries } = await this.#report()
      return entries.length >= index && entries.every((entry) => entry.phase !== 'prepare')
    })
  }

  async #untilSettled(to: number, task: OutputLine): Promise<void> {
    let shown = ''
    let changedAt = Date.now()
    await this.#poll(async () => {
      const report = await this.#report()
      const entry = report.sequences.find((one) => one.to === to)
      const line = entry === undefined ? 'waits to be noticed' : describe(entry)
      if (line !== shown) task.output = line
      if (line !== shown || isPaused(report)) changedAt = Date.now()
      shown = line
      if (isQuarantined(report, to) || Date.now() > changedAt + STALLED_MS)
        throw new DemoFailedError(`Batches up to ${to} are stuck: ${line}.`)
      if (entry?.outcome != null && entry.outcome !== 'proved')
        throw new DemoFailedError(`Batches up to ${to} ended as ${entry.outcome}.`)
      return entry?.outcome === 'proved'
    })
    task.output = 'settled: our proof is on a final block, the reward is claimed'
  }

  #report(): Promise<StatusReport> {
    return readStatus(this.#db, this.#config, { rollup: this.#rollup.name, limit: 100 })
  }

  async #poll(isDone: () => Promise<boolean>): Promise<void> {
    while (!(await isDone())) await delay(REDRAW_MS, undefined, { signal: this.#signal })
  }
}

/** Tells whether somebody who watches has paused it, for then no sequence is stuck. */
const isPaused = ({ holds }: StatusReport): boolean => holds.some(({ hold }) => hold === 'paused')

const isQuarantined = ({ holds, quarantines }: StatusReport, to: number): boolean =>
  quarantines.length > 0 || holds.some(({ hold, range }) => hold === 'quarantined' && range?.to === to)

function describe({ phase, text, proofsDone, proofsNeeded, window }: SequenceStatusEntry): string {
  const blocks =
    window === null || window.blocksLeft === null
      ? ''
      : `, block ${window.head}, ${window.blocksLeft} left to ${window.phase}`
  return `${phase.padEnd(7)} ${proofsDone}/${proofsNeeded} proofs  ${text}${blocks}`
}
