import { compileContracts } from '../../contracts/tooling/compile.ts'
import { whyNoGeth } from '../../dev/stack/nodes/geth-cache.ts'
import type { Benchmark, Figures } from '../benchmark.ts'
import { GasChain, type NodeName } from './chain.ts'
import { deploy } from './contracts.ts'
import { RollupLife } from './life.ts'
import { profileOf } from './profile.ts'

const LONG = 5
const GENERATIONS = ['ours', '2023'] as const

/** Gas of each call in the life of a rollup. A count, so one round says all. */
export const gas: Benchmark = {
  name: 'gas',
  method:
    'gas used by each call in the life of a rollup, one call a block, with a verifier that costs next to nothing; ' +
    'our contract and the simulated one of 2023 on the same node',
  async measure() {
    const artifacts = compileContracts()
    const nodes: NodeName[] = (await whyNoGeth()) === undefined ? ['anvil', 'geth'] : ['anvil']
    const figures: Figures = {}
    for (const node of nodes) {
      for (const generation of GENERATIONS) {
        await GasChain.with(node, async (chain) => {
          const name = (step: string) => `gas of ${step}, ${generation}, ${node}`
          const rollup = await deploy(chain, artifacts, generation)
          await new RollupLife(chain, rollup, (step, sent) => {
            figures[name(step)] = sent.gas
          }).run(LONG)
          const [more, one] = [
            figures[name(`sequence of ${LONG} batches`)],
            figures[name('sequence of 1 batch after it')],
          ]
          if (one !== undefined && more !== undefined) figures[name('each further batch')] = (more - one) / (LONG - 1)
        })
      }
    }
    return figures
  },
}

/** What bounds the gas of our own calls: storage, what is written into logs, or the transaction itself. */
export const gasProfile: Benchmark = {
  name: 'gas-profile',
  method: "what the gas of each call of our contract goes into, counted in anvil's traces (debug_traceTransaction)",
  async measure() {
    const figures: Figures = {}
    await GasChain.with('anvil', async (chain) => {
      const sent: { step: string; hash: `0x${string}`; gas: number }[] = []
      const rollup = await deploy(chain, compileContracts(), 'ours')
      await new RollupLife(chain, rollup, (step, one) => sent.push({ step, ...one })).run(LONG)
      for (const { step, ...one } of sent) {
        for (const [part, count] of Object.entries(await profileOf(chain, one))) figures[`${step}: ${part}`] = count
      }
    })
    return figures
  },
}
