import { createPublicClient, custom, type Hex, pad, RpcRequestError, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { confirm, DeploymentError } from '../../../contracts/tooling/deploy-contract.ts'

const HASH = pad('0x11')
const BLOCK = { blockHash: pad('0x22'), blockNumber: '0x5', transactionIndex: '0x0' }

describe('a transaction of a deployment on a chain that makes no further block', () => {
  test('is confirmed when its receipt comes after its block', async () => {
    const node = nodeThatHasReceipt({ fromAskNo: 4, status: '0x1' })
    expect(await confirm(node.client, HASH)).toMatchObject({ transactionHash: HASH, status: 'success' })
    expect(node.asked()).toBe(4)
  })

  test('is confirmed by a geth that has just started and answers that it indexes transactions', async () => {
    const node = nodeThatHasReceipt({ fromAskNo: 3, status: '0x1', before: 'transaction indexing is in progress' })
    expect(await confirm(node.client, HASH)).toMatchObject({ status: 'success' })
    expect(node.asked()).toBe(3)
  })

  test('is refused when it reverted', async () => {
    const { client } = nodeThatHasReceipt({ fromAskNo: 2, status: '0x0' })
    await expect(confirm(client, HASH)).rejects.toThrow(DeploymentError)
  })

  test('that the node can not tell of fails with what the node says', async () => {
    const client = createPublicClient({
      transport: custom({ request: () => Promise.reject(new Error('no answer')) }, { retryCount: 0 }),
    })
    await expect(confirm(client, HASH)).rejects.toThrow('no answer')
  })
})

/**
 * Plays a node that has a receipt from an ask on.
 * @param before what it says as an error until then; without it, that there is none.
 */
function nodeThatHasReceipt({ fromAskNo, status, before }: { fromAskNo: number; status: Hex; before?: string }) {
  let asked = 0
  const place = { ...BLOCK, from: zeroAddress, to: null, type: '0x0' }
  const answers: Record<string, () => unknown> = {
    eth_chainId: () => '0x1',
    eth_blockNumber: () => BLOCK.blockNumber,
    eth_getTransactionByHash: () => ({
      ...{ ...place, hash: HASH, nonce: '0x0', gas: '0x5208', gasPrice: '0x1', value: '0x0', input: '0x' },
      ...{ v: '0x1b', r: pad('0x1'), s: pad('0x1') },
    }),
    eth_getTransactionReceipt: () => {
      asked += 1
      if (asked < fromAskNo && before !== undefined) throw new RpcRequestError({ ...NO_ANSWER, error: errorOf(before) })
      if (asked < fromAskNo) return null
      return {
        ...{ ...place, transactionHash: HASH, status, gasUsed: '0x5208', cumulativeGasUsed: '0x5208', logs: [] },
        ...{ effectiveGasPrice: '0x1', logsBloom: pad('0x', { size: 256 }), contractAddress: null },
      }
    },
  }
  const transport = custom(
    { request: async ({ method }: { method: string }) => answers[method]?.() },
    { retryCount: 0 },
  )
  return { client: createPublicClient({ transport }), asked: () => asked }
}

const NO_ANSWER = { body: {}, url: 'http://node' }
const errorOf = (message: string) => ({ code: -32_000, message })
