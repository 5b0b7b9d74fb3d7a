import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import { accountClients, stake } from '../../../dev/payments/deploy.ts'
import { type ChaosFault, momentary } from './fault.ts'

const GWEI = 10n ** 9n

/** The account that pays for what fills blocks. */
const STUFFER = 7

/** The base fee of one block is eight times that of the block before (and dear enough to be felt), far below the miner's cap. */
export const baseFeeUp = momentary('base-fee-up', ({ control, chainLock }) =>
  chainLock.during(async () => {
    const raised = (await control.nextBaseFee()) * 8n
    await control.setNextBaseFee(raised < 4n * GWEI ? 4n * GWEI : raised > 40n * GWEI ? 40n * GWEI : raised)
  }),
)

/** The node is gone for a while, and back with its blocks; what waited in its pool is lost, but for what the others send again. */
export const anvilKilled: ChaosFault = {
  name: 'anvil-killed',
  takes: () => 'endpoints',
  inject: async ({ stack, control, deployment, chainLock, serverLock }) => {
    const release = await chainLock.hold()
    const ours = deployment.rollups.map(({ miner }) => miner.walletClient.account.address)
    const others = await control.pooled((from) => !ours.some((one) => one.toLowerCase() === from.toLowerCase()))
    await serverLock.during(() => stack.anvil.kill('SIGKILL'))
    return async () => {
      await serverLock.during(() => stack.anvil.start())
      await control.send(others)
      release()
    }
  },
}

/** Somebody pays for blocks that are full to the brim, just below what the miner would pay. The base fee goes up by an eighth with each. */
export const blocksStuffed: ChaosFault = {
  name: 'blocks-stuffed',
  inject: async ({ stack }) => {
    const { walletClient } = accountClients(stack.rpcUrl, localAccount(STUFFER), stack.anvil.chainId)
    const fees = { maxFeePerGas: 90n * GWEI, maxPriorityFeePerGas: 80n * GWEI }
    // INVALID as the code of a contract's creation: takes all the gas that it is given.
    const stuff = () => void walletClient.sendTransaction({ data: '0xfe', gas: 29_900_000n, ...fees }).catch(() => {})
    const timer = setInterval(stuff, 450)
    return () => clearInterval(timer)
  },
}

/** The miner's own people use its account beside the sender: they add to its stake. */
export const foreignTransaction = momentary('foreign-transaction', async ({ deployment, timeline }, { victim }) => {
  const rollup = deployment.rollups[victim % deployment.rollups.length]
  if (rollup === undefined) throw new Error('unreachable: a plan has a rollup')
  // Its nonce may be taken by the sender at the same moment; then one of the two has to give way.
  stake(rollup.miner, rollup, 1n).catch(() => timeline.note('the foreign transaction gave way'))
})
