import type { ChaosFault } from './fault.ts'

const GWEI = 10n ** 9n

/** The base fee of one block is eight times that of the block before (and dear enough to be felt), far below the miner's cap. */
export const baseFeeUp: ChaosFault = {
  name: 'base-fee-up',
  lasts: false,
  inject: async ({ control }) => {
    const now = await control.nextBaseFee()
    const raised = now * 8n
    await control.setNextBaseFee(raised < 4n * GWEI ? 4n * GWEI : raised > 40n * GWEI ? 40n * GWEI : raised)
  },
  heal: async () => {},
}

/** The sequencer's transactions stay where they were, so that the posted data doesn't change; all others land later. */
export const reorg: ChaosFault = {
  name: 'reorg',
  lasts: false,
  inject: async ({ control, deployment, timeline }, { depth }) => {
    const posts = deployment.rollups.map(({ sequencer }) => sequencer.address.toLowerCase())
    const { kept, returned } = await control.reorg(depth, (from) => posts.includes(from.toLowerCase()))
    timeline.note(`${depth} blocks replaced: ${kept} transactions kept, ${returned} back in the pool`)
  },
  heal: async () => {},
}
