import { describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { committing, sequencing } from '../contracts/miner-actions.ts'
import { nextSequence } from '../contracts/sequences.ts'
import { FINALITY, type MinerOnAnvil, startMiner } from './miner-on-anvil.ts'

describe('stake on the real contract', () => {
  test('is brought up, whoever asks how often; then down again', async () => {
    const miner = await startMiner()
    expect(await miner.stake(5_000n)).toMatchObject({ answer: { isDone: true, answer: expect.stringContaining('Deposits') } })
    await miner.pass()
    await miner.stake(5_000n) // as a retry of the command would, with the first deposit under way
    await sent(miner, FINALITY + 1)
    expect(await stakeOf(miner)).toBe(5_000n)
    expect(await miner.stake(5_000n)).toMatchObject({
      intent: null,
      answer: { isDone: true, answer: expect.stringContaining('Nothing to do') },
    })
    expect(await miner.attempts()).toEqual([])
    expect(miner.queue).toEqual([])

    expect(await miner.stake(2_000n)).toMatchObject({ answer: { answer: expect.stringContaining('Withdraws') } })
    await sent(miner, FINALITY + 1)
    expect(await stakeOf(miner)).toBe(2_000n)
    expect(await miner.attempts()).toEqual([])
  })

  test('a deposit that a reorg takes back is in once in the end', async () => {
    const miner = await startMiner()
    await miner.stake(5_000n)
    await miner.pass()
    const { client } = miner.harness
    const before = await client.snapshot()
    await miner.harness.mine(1)
    expect(await stakeOf(miner)).toBe(5_000n)
    await client.revert({ id: before })
    expect(await stakeOf(miner)).toBe(0n)
    await sent(miner, FINALITY + 2)
    expect(await stakeOf(miner)).toBe(5_000n)
    expect(miner.queue).toEqual([])
  })

  test('another target takes the place of a deposit that is under way', async () => {
    const miner = await startMiner()
    await miner.stake(5_000n)
    await miner.pass()
    await miner.stake(3_000n)
    await sent(miner, FINALITY + 1)
    expect(await stakeOf(miner)).toBe(3_000n)
  })

  test('what open commitments lock is withdrawn when they let go, and the sender says so', async () => {
    const miner = await startMiner({ stakeWei: 5_000n })
    const sequence = nextSequence(undefined, 1)
    await miner.harness.send(sequencing(miner.harness.sequencer, sequence))
    await miner.harness.send(committing(miner.miner, sequence))
    const { answer } = await miner.stake(0n)
    expect(answer).toMatchObject({ isDone: true, answer: expect.stringContaining('It waits: open commitments lock 0.0000000000000001') })
    expect((await miner.pass()).lines).toEqual([expect.stringContaining(`stake ${miner.rollup.name}: held, open commitments lock`)])
    expect(await miner.attempts()).toEqual([])
    await miner.harness.mine(8)
    await miner.harness.send({ from: miner.rival, functionName: 'settle', args: [BigInt(sequence.final), miner.miner] })
    await sent(miner, FINALITY + 1)
    expect(await stakeOf(miner)).toBe(0n)
  })

  test('no deposit takes the coins that a commit and its proof need', async () => {
    const miner = await startMiner()
    const balance = await miner.harness.client.getBalance({ address: miner.miner })
    const refused = await miner.stake(balance)
    expect(refused).toMatchObject({ intent: null, answer: { isDone: false, answer: expect.stringContaining('must leave') } })
  })

  test('of a rollup that the account does not serve is refused', async () => {
    const miner = await startMiner()
    miner.forget()
    expect(await miner.stake(1n)).toMatchObject({
      intent: null,
      answer: { isDone: false, answer: expect.stringContaining("isn't one that") },
    })
  })
})

// Helpers

async function sent(miner: MinerOnAnvil, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i += 1) {
    await miner.pass()
    await miner.harness.mine(1)
  }
  await miner.pass()
}

const stakeOf = ({ harness, miner }: MinerOnAnvil): Promise<bigint> =>
  harness.client.readContract({ abi: rollupAbi, address: harness.rollup, functionName: 'depositOf', args: [miner] })
