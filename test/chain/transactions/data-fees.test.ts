import { type Hex, parseEther } from 'viem'
import { foundry } from 'viem/chains'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { startMiner } from '../../activities/miner-on-anvil.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { chargesForDataOnly, chargesPerByte, DATA_FEE_ORACLE, REVERTING } from '../../support/nodes/data-fee-oracle.ts'
import { hang } from '../../support/rpc/rpc-faults.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

// The oracle is simulated: no node that tests have charges for data besides gas.

const CAP = 10n ** 9n
const WEI = 10n ** 12n

const proof = { gas: 1_000_000n, bytes: 20_256 }
/** Prices selector and padding beside the bytes. What the operator gets is told by a call of 36 bytes. */
const ofData = (bytes: number) => 4n * BigInt(bytes + 68) * WEI
const OF_OPERATOR = 36n * WEI

test.each<{ why: string; code: Hex; wei: bigint }>([
  { why: 'a chain without an oracle charges for gas alone', code: '0x', wei: 0n },
  { why: 'another contract at its address is none', code: REVERTING, wei: 0n },
  { why: 'data, of which the fee may quadruple', code: chargesForDataOnly(WEI), wei: ofData(proof.bytes) },
  { why: "data, and the operator's fee", code: chargesPerByte(WEI), wei: ofData(proof.bytes) + OF_OPERATOR },
])('$why', async ({ code, wei }) => {
  const { harness, chain } = await scene(code)
  await chain.agreedBlocks()
  expect(chain.feesWei(proof)).toBe(proof.gas * CAP + wei)
  const most = chain.mostWei('prove', harness.rollup)
  await harness.client.setCode({ address: DATA_FEE_ORACLE, bytecode: '0x' })
  const without = createChain(options(harness))
  await without.agreedBlocks()
  expect(most - without.mostWei('prove', harness.rollup)).toBe(wei)
})

test('whoever looks while the oracle is asked for the first time waits for it', async () => {
  const { chain } = await scene(chargesPerByte(WEI))
  await Promise.all(
    [1, 2, 3].map(async () => {
      await chain.agreedBlocks()
      expect(chain.feesWei(proof)).toBeGreaterThan(proof.gas * CAP)
    }),
  )
})

test('a fee that rises is noticed, one that is told no more stays', async () => {
  const { harness, chain } = await scene(chargesForDataOnly(WEI))
  let passedMs = 0
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs)
  onTestFinished(() => clock.mockRestore())
  const after = async (code: Hex) => {
    await harness.client.setCode({ address: DATA_FEE_ORACLE, bytecode: code })
    await harness.mine(1)
    passedMs += 11_000
    await chain.agreedBlocks()
    return chain.feesWei({ gas: 0n, bytes: 256 })
  }
  await chain.agreedBlocks()
  expect(await after(chargesForDataOnly(3n * WEI))).toBe(3n * ofData(256))
  expect(await after('0x')).toBe(3n * ofData(256))
  expect(await after(chargesPerByte(WEI))).toBe(ofData(256) + OF_OPERATOR)
  expect(await after(chargesForDataOnly(WEI))).toBe(ofData(256) + OF_OPERATOR) // it says nothing of the operator's now
})

test('an endpoint that hangs on the oracle keeps nothing waiting for long', async () => {
  const harness = await startHarness()
  const proxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const isOracle = (params: unknown) => JSON.stringify(params).toLowerCase().includes(DATA_FEE_ORACLE.toLowerCase())
  proxy.fault = (call) => (call.method === 'eth_call' && isOracle(call.params) ? hang() : undefined)
  const chain = createChain({ ...options(harness), rpcUrls: [proxy.url] })
  const began = performance.now()
  await chain.agreedBlocks()
  await chain.agreedBlocks()
  expect(performance.now() - began).toBeLessThan(3_000)
})

test('a hash waits until the balance pays for the data of its proof, too', async () => {
  const harness = await startHarness(chargesPerByte(10n ** 14n))
  const miner = await startMiner({ harness, stakeWei: 5_000n })
  await miner.open(nextSequence(undefined, 1))
  // Gas at the cap takes less than a tenth of that.
  await harness.client.setBalance({ address: miner.miner, value: parseEther('0.2') })
  await miner.live(1)
  expect([...miner.looks.values()].map(({ step }) => step)).toMatchObject([{ kind: 'wait', code: 'balance-short' }])
  expect(miner.queue).toEqual([])
  await harness.client.setBalance({ address: miner.miner, value: parseEther('20') })
  await miner.live(1)
  expect((await miner.attempts()).map(({ purpose }) => purpose?.step)).toEqual(['commit'])
})

async function startHarness(code: Hex = '0x'): Promise<Harness> {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  await harness.client.setCode({ address: DATA_FEE_ORACLE, bytecode: code })
  return harness
}

async function scene(code: Hex) {
  const harness = await startHarness(code)
  return { harness, chain: createChain(options(harness)) }
}

const options = ({ anvil }: Harness) => ({
  ...{ chainId: foundry.id, rpcUrls: [anvil.url], finality: { confirmations: 1 }, maxFeePerGasWei: CAP },
})
