import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { createLocalDeployment, type LocalDeployment } from '../deployment/local-deployment.ts'
import { startAggregator, startProver } from '../deployment/processes.ts'
import { runSetup } from '../run-setup.ts'
import { provingSetup } from '../setup/proving-steps.ts'
import { requiredGethStep } from '../stack/nodes/geth-cache.ts'
import type { ManagedProcess } from '../stack/processes/process.ts'
import { stopOnSignals } from '../stack/processes/stop-on-signals.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { temporalStep } from '../stack/temporal/source.ts'
import { printClosingTables } from './closing-tables.ts'
import { DemoFailedError } from './errors.ts'
import { followSequences } from './follow-sequences.ts'

export interface DemoOptions {
  keep?: true
  /** Program of the local chain. */
  node: 'anvil' | 'geth'
}

const DATA = fileURLToPath(new URL('../../data', import.meta.url))
const ROLLUP = 'payments'

/** Batches of the sequences that are posted, each while the one before is being proved. */
const SEQUENCES = [1, 3]

/**
 * Runs the whole demo. Whatever ends it, everything it started ends too.
 * @throws DemoFailedError unless all sequences settled.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const startedAt = Date.now()
  const running = new Running()
  const interrupted = new AbortController()
  let settingUp: Promise<void> = Promise.resolve()
  const release = stopOnSignals(async () => {
    interrupted.abort()
    await settingUp.catch(() => {}) // its ending is what is waited for, not its result
    await running.stop()
  })
  try {
    console.log('1/4 Set-up')
    const { steps, artifactsDir } = await provingSetup('development')
    settingUp = runSetup(
      [temporalStep(), ...(options.node === 'geth' ? [requiredGethStep()] : []), ...steps],
      interrupted.signal,
    )
    await settingUp
    const setUpAt = Date.now()
    const { stack, deployment } = await startEverything(running, artifactsDir, options.node)
    console.log(
      `\n3/4 Prove and settle. Temporal Web UI: ${stack.temporalUiUrl ?? 'of the server at TEMPORAL_ADDRESS'}`,
    )
    await Promise.race([
      followSequences({ stack, deployment, batches: SEQUENCES, signal: interrupted.signal }),
      running.failed(),
    ])
    console.log('\n4/4 Result')
    await printClosingTables({ stack, deployment })
    console.log(`\nDone in ${seconds(startedAt)}, of which set-up took ${seconds(startedAt, setUpAt)}.`)
    if (options.keep) await keepRunning(stack, deployment, running)
    await running.stop()
    // After a failure the folder is kept for its logs.
    await rm(stack.dataDir, { recursive: true })
  } finally {
    await running.stop()
    release()
  }
}

async function startEverything(
  running: Running,
  artifactsDir: string,
  node: DemoOptions['node'],
): Promise<{ stack: Stack; deployment: LocalDeployment }> {
  console.log('\n2/4 Start')
  await mkdir(DATA, { recursive: true })
  const dataDir = await mkdtemp(join(DATA, 'demo-'))
  console.log(`  data and logs   ${dataDir}`)
  const stack = await startStack({
    dataDir,
    ...(node === 'geth' ? { geth: { blockTimeSeconds: 1 } } : { anvil: { blockTimeSeconds: 1, keepsHistory: false } }),
    temporal: { searchAttributes: searchAttributeTypes },
  })
  running.stack = stack
  console.log(`  Postgres, ${stack.node.name} (${stack.rpcUrl}) and Temporal (${stack.temporalAddress}) run`)
  const deployment = await createLocalDeployment(stack, { artifactsDir, rollups: [ROLLUP] })
  for (const { rollup, name } of deployment.rollups)
    console.log(`  rollup ${name} is deployed at ${rollup}, the miner has staked`)
  running.add(await startAggregator(deployment.settings))
  for (const name of ['prover-1', 'prover-2']) running.add(await startProver(deployment.settings, name))
  console.log('  one aggregator and two provers run')
  return { stack, deployment }
}

/** Holds what has been started, so that all of it is stopped, in an order in which nobody misses another. */
class Running {
  stack: Stack | undefined
  readonly #processes: ManagedProcess[] = []
  #isStopping = false

  add(process: ManagedProcess): void {
    this.#processes.push(process)
  }

  /** Rejects when a process ends that should go on. */
  async failed(): Promise<never> {
    const { process, ending } = await Promise.race(
      this.#processes.map(async (one) => ({ process: one, ending: await one.ended })),
    )
    if (this.#isStopping) return new Promise(() => {})
    throw new DemoFailedError(
      `${process.name} ended (${ending.exitCode ?? ending.signal}).\n${await process.lastLines(20)}`,
    )
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#processes.map((process) => process.stop()))
    await this.stack?.stop()
    this.stack = undefined
  }
}

async function keepRunning(stack: Stack, { settings }: LocalDeployment, running: Running): Promise<void> {
  console.log(`
Everything keeps running until Ctrl-C. Look around:
  ${stack.temporalUiUrl}
  npm run zkpow -- status --config ${settings.configFile}
  npm run zkpow -- sequence ${ROLLUP}/1-1 --config ${settings.configFile}`)
  await running.failed()
}

const seconds = (from: number, to = Date.now()): string => `${((to - from) / 1000).toFixed(0)} s`
