import { createPublicClient, type PublicClient, parseTransaction } from 'viem'
import { bytesToHex } from 'viem/utils'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { roundsAbi } from '../../../chain/abi.ts'
import { readEach } from '../../../chain/contract/read-each.ts'
import { jsonRpc } from '../../../chain/endpoints/json-rpc.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { anvilKeys } from '../../chain/anvil-keys.ts'
import { HarnessOnGeth } from '../../contracts/harness-on-geth.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { hasGeth } from '../../support/nodes/geth.ts'
import { SOON } from '../../support/patience.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { fundRewards, ranFor, startMiner } from '../miner-on-anvil.ts'

const GWEI = 10n ** 9n

describe.runIf(hasGeth)('on geth, whose newest fork charges for every new slot', () => {
  test('a sequence is committed, proved and claimed, and stake deposited and withdrawn, each with gas near its use', async () => {
    const miner = await startOnGeth()
    await miner.stake(5_000n)
    await miner.live(6)
    await fundRewards(miner.harness)
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(16)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
    await miner.stake(2_000n)
    await miner.live(6)
    expect(
      await miner.rollup.chain.readStake({ ...miner.rollup, at: (await miner.rollup.chain.agreedBlocks()).head }),
    ).toMatchObject({
      stakeWei: '2000',
    })
    const attempts = await listSequenceAttempts(miner.deps.db, ref)
    const commit = attempts.find(({ purpose }) => purpose?.step === 'commit')
    // Its two new slots took 0.1 million before that fork.
    expect(commit?.inclusion?.gasUsed).toBeGreaterThan(200_000n)
    for (const { raw, inclusion, purpose } of attempts) {
      expect(inclusion?.status, purpose?.step).toBe('success')
      // Slots that a claim fills and empties are charged first and given back in the end: with what it uses it doesn't
      // run.
      const { gas = 0n } = parseTransaction(bytesToHex(raw))
      expect(Number(gas) / Number(inclusion?.gasUsed)).toBeLessThan(purpose?.step === 'claim' ? 2.6 : 1.6)
    }
  })

  test('a question about many sequences is answered in a few calls', async () => {
    const { rollup, harness } = await startOnGeth()
    const proxy = await startRpcProxy(harness.anvil.url)
    onTestFinished(() => proxy.close())
    const { head } = await rollup.chain.agreedBlocks()
    const client = createPublicClient({ cacheTime: 0, transport: jsonRpc(proxy.url, 30_000) })
    // This question's answer has the most words.
    const question = { address: harness.rollup, abi: roundsAbi, functionName: 'getRound' } as const
    const argsOfEach = Array.from({ length: 128 }, (_, i) => [BigInt(i + 1)] as const)
    const rounds = await readEach(client as PublicClient, { blockHash: head.hash }, { ...question, argsOfEach })
    expect(rounds).toHaveLength(128)
    expect(proxy.calls.map(({ method }) => method)).toEqual(['eth_call', 'eth_call'])
  })

  test('a limit is bounded by what it takes of a transaction (EIP-7825), whatever `maxGas` is', async () => {
    const { rollup } = await startOnGeth({ maxGas: 30_000_000n })
    const { chain } = rollup
    const { head } = await chain.agreedBlocks()
    expect(await chain.mostGas(head)).toBe(16_777_216n)
  })

  test('what it says to transactions that it refuses is understood', async () => {
    const { rollup, harness } = await startOnGeth()
    const account = createMinerAccount(anvilKeys[6] as never)
    const fees = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI }
    const send = async (p: Partial<Parameters<typeof account.sign>[0]>) => {
      const call = { to: account.address, data: '0x' as const, valueWei: 0n, gas: 21_000n }
      const { raw } = await account.sign({ ...call, chainId: rollup.chainId, nonce: 0, fees, ...p })
      return (await rollup.chain.broadcast(raw)).kind
    }
    const dear = { maxFeePerGas: 2_000n * GWEI, maxPriorityFeePerGas: GWEI }
    expect(await send({ gas: 1_000_000n, fees: dear })).toBe('fee-cap')
    expect(rollup.chain.feeCapWei(0n)).toBe(995n * 10n ** 15n) // a coin, of which it tells two decimals
    expect(await send({ gas: 20_000n })).toBe('gas-limit')
    expect(await send({ gas: 22_000n, data: `0x${'ff'.repeat(40)}` })).toBe('gas-limit')
    expect(await send({ gas: 16_777_217n })).toBe('gas-limit')
    expect(await send({ gas: 10_000_000n, data: `0x${'ff'.repeat(140_000)}` })).toBe('too-large')
    expect(await send({ fees: { ...fees, maxPriorityFeePerGas: 0n } })).toBe('underpriced')
    expect(await send({ valueWei: 10n ** 24n })).toBe('insufficient-funds')
    expect(await send({})).toBe('accepted')
    expect(await send({})).toBe('accepted') // it is known
    expect(await send({ fees: { ...fees, maxFeePerGas: 20n * GWEI + 1n } })).toBe('underpriced')
    await harness.mine(1)
    // Its pool hears of a block a moment after the chain does.
    await vi.waitFor(async () => expect(await send({})).toBe('nonce-used'), SOON)
  })
})

async function startOnGeth(p: { maxGas?: bigint } = {}) {
  const harness = await HarnessOnGeth.start()
  onTestFinished(() => harness.anvil.stop())
  return startMiner({ harness, maxFeePerGasWei: 100n * GWEI, ...p })
}
