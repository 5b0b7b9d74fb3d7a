import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rollupAbi } from '../../../contracts/abi.ts'
import { committing, sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { FINALITY, type MinerOnAnvil, startMiner, tipNothing } from '../miner-on-anvil.ts'

describe('stake on the real contract', () => {
  test('is brought up, whoever asks how often; then down again', async () => {
    const miner = await startMiner()
    expect(await miner.stake(5_000n)).toMatchObject({
      answer: { isDone: true, answer: expect.stringContaining('Deposits') },
    })
    await miner.pass()
    await miner.stake(5_000n) // a retry of the command does so with the first deposit under way
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
    expect(answer).toMatchObject({
      isDone: true,
      answer: expect.stringContaining('It waits: open commitments lock 0.0000000000000001'),
    })
    expect((await miner.pass()).lines).toEqual([
      expect.stringContaining(`stake ${miner.rollup.name}: held, open commitments lock`),
    ])
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
    expect(refused).toMatchObject({
      intent: null,
      answer: { isDone: false, answer: expect.stringContaining('must leave') },
    })
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

interface Trouble {
  why: string
  befalls(miner: MinerOnAnvil): Promise<unknown>
}

describe('a deposit under way', () => {
  test.each<Trouble>([
    { why: 'the sender starts anew and knows of no request', befalls: forgetRequest },
    { why: 'it is asked for again', befalls: (miner) => miner.stake(5_000n) },
    {
      why: 'it is asked for again of a sender that started anew',
      befalls: (miner) => forgetRequest(miner).then(() => miner.stake(5_000n)),
    },
    { why: 'the coins got short for what would come after it', befalls: spendAllBut },
    { why: 'its rollup left the configuration', befalls: async (miner) => miner.forget() },
  ])('is sent again, raised and seen through: $why', async ({ befalls }) => {
    const miner = await startMiner()
    tipNothing(miner)
    const { client } = miner.harness
    const before = await client.getTransactionCount({ address: miner.miner })
    await miner.stake(5_000n)
    await miner.pass()
    const [first] = await miner.attempts()
    await befalls(miner)
    await client.dropTransaction({ hash: first?.txHash ?? '0x' })
    await miner.pass()
    expect(await client.getTransaction({ hash: first?.txHash ?? '0x' })).toMatchObject({
      nonce: before,
      value: 5_000n,
      blockNumber: null,
    })
    await priceOut(miner)
    await miner.pass()
    const raised = await miner.attempts()
    expect(raised.map(({ nonce, attempt }) => [nonce, attempt])).toEqual([0, 1].map((attempt) => [before, attempt]))
    await miner.harness.mine(1)
    expect((await miner.pass()).lines).toContainEqual(
      expect.stringMatching(/^nonce \d+: stake \S+, success in block \d+, not final yet$/),
    )
    await sent(miner, FINALITY)
    expect([await stakeOf(miner), await client.getTransactionCount({ address: miner.miner })]).toEqual([
      5_000n,
      before + 1,
    ])
    expect([miner.queue, await miner.attempts()]).toEqual([[], []])
  })

  test('that was stored when the sender died is sent by the next one, with the same bytes', async () => {
    const miner = await startMiner()
    const [sender] = miner.deps.senders
    if (sender === undefined) throw new Error('There is no sender.')
    const { chain } = sender
    sender.chain = { ...chain, broadcast: () => Promise.reject(new Error('the process is gone')) }
    await miner.stake(5_000n)
    await expect(miner.pass()).rejects.toThrow('gone')
    sender.chain = chain
    await forgetRequest(miner)
    const [stored] = await miner.attempts()
    await sent(miner, 1)
    expect(await miner.attempts()).toMatchObject([{ txHash: stored?.txHash, inclusion: { status: 'success' } }])
    expect(await stakeOf(miner)).toBe(5_000n)
  })
})

describe('a deposit whose row is lost with Postgres', () => {
  test('lands once: the next one gets its nonce', async () => {
    const miner = await startMiner()
    await miner.stake(5_000n)
    await miner.pass()
    await forgetAttempts(miner)
    await sent(miner, FINALITY + 1)
    expect(await stakeOf(miner)).toBe(5_000n)
    expect([miner.queue, await miner.attempts()]).toEqual([[], []])
  })

  test('lands once when a hash is to have its nonce', async () => {
    const miner = await startMiner({ stakeWei: 5_000n })
    await miner.open(nextSequence(undefined, 1))
    await miner.stake(8_000n)
    await miner.pass()
    await forgetAttempts(miner)
    await miner.look()
    await sent(miner, 2 * FINALITY)
    expect(await stakeOf(miner)).toBe(8_000n)
    expect([miner.queue, await miner.attempts()]).toEqual([[], []])
  })
})

/** Empties Temporal, which alone has the queue. */
async function forgetRequest(miner: MinerOnAnvil): Promise<void> {
  miner.queue = []
}

/** Leaves what the deposit itself may cost. */
async function spendAllBut({ harness, miner, rollup }: MinerOnAnvil): Promise<void> {
  await harness.client.setBalance({ address: miner, value: rollup.chain.mostWei('stake', rollup.contract) + 5_000n })
}

/** Raises the base fee above what the newest attempt offers, until its patience is over. */
async function priceOut(miner: MinerOnAnvil): Promise<void> {
  const dearest = (await miner.attempts()).at(-1)?.maxFeePerGas ?? 0n
  await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: dearest + 1n })
  await miner.harness.mine(1)
}

/** Leaves Postgres as it is after it was emptied and migrated. */
const forgetAttempts = ({ deps }: MinerOnAnvil) => deps.db.execute(sql`truncate zkpow.attempts`)

async function sent(miner: MinerOnAnvil, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i += 1) {
    await miner.pass()
    await miner.harness.mine(1)
  }
  await miner.pass()
}

const stakeOf = ({ harness, miner }: MinerOnAnvil): Promise<bigint> =>
  harness.client.readContract({ abi: rollupAbi, address: harness.rollup, functionName: 'depositOf', args: [miner] })
