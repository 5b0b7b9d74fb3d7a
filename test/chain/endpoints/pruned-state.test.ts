import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { Harness } from '../../contracts/harness.ts'
import { committing, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { forgetsState } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

// The final block is 10 below the head, and two of three nodes keep the state of 5 blocks.
const CONFIRMATIONS = 10
const HISTORY = 5

let harness: Harness
let proxies: RpcProxy[]
let chain: Chain
let sequence: TestSequence
const miner = () => harness.account(4)
const contract = () => harness.rollup
const range = { from: 1, to: 2 }

beforeAll(async () => {
  harness = await Harness.start()
  proxies = await Promise.all([0, 1, 2].map(() => startRpcProxy(harness.anvil.url)))
  sequence = nextSequence(undefined, 2)
  await harness.send(sequencing(harness.sequencer, sequence))
  await harness.send(staking(miner(), 5_000n))
  await harness.send(committing(miner(), sequence))
  await harness.mine(CONFIRMATIONS)
})

afterAll(async () => {
  await Promise.all(proxies?.map((proxy) => proxy.close()) ?? [])
  await harness?.anvil.stop()
})

beforeEach(() => {
  const numbers = new Map<string, number>()
  for (const [i, proxy] of proxies.entries()) proxy.fault = forgetsState(i === 0 ? 1_000 : HISTORY, numbers)
  const rpcUrls = proxies.map(({ url }) => url)
  chain = createChain({ chainId: foundry.id, rpcUrls, finality: { confirmations: CONFIRMATIONS }, maxFeePerGasWei: 1n })
})

describe('a final block whose state too few nodes keep', () => {
  test('leaves an account known at the head', async () => {
    expect(await readAccount()).toMatchObject({ nonceAtHead: 2, nonceAtFinal: null })
    for (const proxy of proxies) proxy.fault = () => undefined
    expect(await readAccount()).toMatchObject({ nonceAtHead: 2, nonceAtFinal: 2 })
  })

  test('leaves a sequence known at the head', async () => {
    const question = { contract: contract(), range, miner: miner(), finalProofBytes: 1 }
    expect(await chain.readSequence(question)).toMatchObject({
      atHead: { own: { isProved: false } },
      atFinal: null,
      predecessors: [],
    })
    for (const proxy of proxies) proxy.fault = () => undefined
    expect(await chain.readSequence(question)).toMatchObject({ atFinal: { own: { isProved: false } } })
  })

  test('leaves the list of sequences known at the head', async () => {
    const question = { contract: contract(), floor: 0, confirmations: 1 }
    expect(await chain.readRollup(question)).toMatchObject({ finalVerifiedBatch: null, sequences: [range] })
    for (const proxy of proxies) proxy.fault = () => undefined
    expect(await chain.readRollup(question)).toMatchObject({ finalVerifiedBatch: 0, sequences: [range] })
  })

  test('is no reason to do without those nodes', async () => {
    const final = await readFinal()
    const at = { contract: contract(), miner: miner(), at: final, isPast: true }
    const reads = [chain.readStake(at), chain.readClaimable(at), chain.readOnChain({ ...at, range })]
    for (const read of await Promise.allSettled(reads))
      expect(read).toMatchObject({ reason: { name: 'RpcUnavailableError' } })
    expect(chain.troubles()).toEqual([])
  })

  test('read as if it were a new one it is', async () => {
    const final = await readFinal()
    await expect(chain.readOnChain({ contract: contract(), range, miner: miner(), at: final })).rejects.toThrow()
    expect(chain.troubles()).toHaveLength(2)
  })
})

test('what too few tell of the head is an error as ever', async () => {
  for (const proxy of proxies.slice(1)) proxy.fault = forgetsState(-1)
  await expect(readAccount()).rejects.toMatchObject({ name: 'RpcUnavailableError' })
  await expect(chain.readRollup({ contract: contract(), floor: 0, confirmations: 0 })).rejects.toMatchObject({
    name: 'RpcUnavailableError',
  })
})

const readAccount = () => chain.readAccount({ account: miner(), txHashes: [] })

async function readFinal() {
  const { final } = await readAccount()
  if (final === null) throw new Error('No block is final.')
  return final
}
