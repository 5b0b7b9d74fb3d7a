import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import { accountClients, stake } from '../../../dev/payments/deploy.ts'
import { isMiner } from '../world/world.ts'
import { LONG_MS, lasting, momentary } from './fault.ts'

const GWEI = 10n ** 9n

/** The account that pays for what fills blocks. */
const STUFFER = 7

/** Pause between two raises, ms. There are several between two blocks. */
const RAISE_EVERY_MS = 100

/** The base fee is felt from the least on; the most is still far below the miner's cap, wei. */
const DEAR_WEI = { least: GWEI, most: 40n * GWEI }

/**
 * A market that was worth nothing wakes up, and the base fee climbs by an eighth with each block: eightfold in 18 of
 * them.
 */
export const baseFeeUp = lasting(
  {
    name: 'base-fee-up',
    what: 'the base fee is a gwei at once, and an eighth more with each block',
    lastsMs: LONG_MS,
    needs: ['anvil'],
  },
  async ({ control, chainLock }, _, hit) => {
    const raise = () => control.raiseBaseFee(DEAR_WEI.least, DEAR_WEI.most)
    await chainLock.during(raise)
    hit()
    const timer = setInterval(() => void raise().catch(() => {}), RAISE_EVERY_MS) // the chain may be away
    return () => clearInterval(timer)
  },
)

/**
 * The node is gone for a while, and back with its blocks; what waited in its pool is lost, but for what the others send
 * again.
 */
export const anvilKilled = lasting(
  {
    name: 'anvil-killed',
    what: 'the node is away for a while, and back with its blocks and without our pooled transactions',
    takes: () => 'endpoints',
  },
  async (world, _, hit) => {
    const { stack, control, chainLock, serverLock } = world
    const release = await chainLock.hold()
    const others = await control.pooled((from) => !isMiner(world, from))
    const head = await control.head()
    await serverLock.during(() => control.takeDown(stack.node))
    hit()
    return async () => {
      await serverLock.during(() => control.bringBack(stack.node))
      if ((await control.head()) < head)
        throw new Error('the node came back without its blocks: its state could not be written')
      await control.send(others)
      release()
    }
  },
)

/**
 * Somebody pays for blocks that are full to the brim, just below what the miner would pay. The base fee goes up by an
 * eighth with each.
 */
export const blocksStuffed = lasting(
  { name: 'blocks-stuffed', what: "somebody fills the blocks, and outbids all but the miner's cap" },
  async ({ stack, control }, _, hit) => {
    const { walletClient } = accountClients(stack.rpcUrl, localAccount(STUFFER), stack.node.chainId)
    const fees = { maxFeePerGas: 90n * GWEI, maxPriorityFeePerGas: 80n * GWEI }
    // As the code of a contract's creation, INVALID takes all the gas that it is given.
    const stuff = async () => {
      for (const gas of control.fillings)
        await walletClient.sendTransaction({ data: '0xfe', gas, ...fees }).then(hit, () => {})
    }
    const timer = setInterval(() => void stuff(), 450)
    return () => clearInterval(timer)
  },
)

/** The miner's own people use its account beside the sender: they add to its stake. */
export const foreignTransaction = momentary(
  { name: 'foreign-transaction', what: "the miner's own people send from its account beside the sender" },
  async ({ deployment, timeline }, { victim }, hit) => {
    const rollup = deployment.rollups[victim % deployment.rollups.length]
    if (rollup === undefined) throw new Error('unreachable: a plan has a rollup')
    // The sender may take its nonce at the same moment, and then one of the two has to give way.
    stake(rollup.miner, rollup, 1n).then(hit, () => timeline.note('the foreign transaction gave way'))
  },
)
