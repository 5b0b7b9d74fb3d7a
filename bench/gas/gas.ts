import type { Hex } from 'viem'
import { compileContracts } from '../../contracts/tooling/compile.ts'
import type { Benchmark, Figures } from '../benchmark.ts'
import { GasChain, type NodeName } from './chain.ts'
import { deploy } from './contracts.ts'
import { RollupLife } from './life.ts'
import { profileOf } from './profile.ts'

/** Batches of the long sequence. */
const LONG = 5
const GENERATIONS = ['ours', '2023'] as const
const CALLS =
  'gas used by each call in the life of a rollup, one call a block, with a verifier that costs next to nothing; ' +
  'our contract and the simulated one of 2023 on the same node'

/** Gas of each call. A count, so one round says all. */
export const gas: Benchmark = {
  name: 'gas',
  method: `${CALLS}, anvil`,
  measure: () => measureOn('anvil'),
}

/** The same where making a slot costs several times as much. */
export const gasOnGeth: Benchmark = {
  name: 'gas-on-geth',
  method: `${CALLS}, geth with the rules of the newest fork that it has`,
  measure: () => measureOn('geth'),
}

/** What bounds the gas of our own calls: storage, what is written into logs, or the transaction itself. */
export const gasProfile: Benchmark = {
  name: 'gas-profile',
  method: "what the gas of each call of our contract goes into, counted in anvil's traces (debug_traceTransaction)",
  measure: () =>
    GasChain.with('anvil', async (chain) => {
      const sent: { step: string; hash: Hex; gas: number }[] = []
      const rollup = await deploy(chain, compileContracts(), 'ours')
      await new RollupLife(chain, rollup, (step, one) => sent.push({ step, ...one })).run(LONG)
      const figures: Figures = {}
      for (const { step, ...one } of sent)
        for (const [part, count] of Object.entries(await profileOf(chain, one))) figures[`${part}, ${step}`] = count
      return figures
    }),
}

async function measureOn(node: NodeName): Promise<Figures> {
  const artifacts = compileContracts()
  const figures: Figures = {}
  for (const generation of GENERATIONS) {
    await GasChain.with(node, async (chain) => {
      const used = new Map<string, number>()
      const rollup = await deploy(chain, artifacts, generation)
      await new RollupLife(chain, rollup, (step, sent) => used.set(step, sent.gas)).run(LONG)
      const [more = 0, one = 0] = [used.get(`sequence of ${LONG} batches`), used.get('sequence of 1 batch after it')]
      used.set('each further batch', (more - one) / (LONG - 1))
      for (const [step, count] of used) figures[`gas of ${generation}, ${step}`] = count
    })
  }
  return figures
}
