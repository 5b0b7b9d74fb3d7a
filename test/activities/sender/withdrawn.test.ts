import { describe, expect, onTestFinished, test } from 'vitest'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { setHold } from '../../../db/decisions/holds.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence, withOtherData } from '../../contracts/sequences.ts'
import { FINALITY, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// An operator or a reorg takes something back from the sender, on the real contract.

describe('a pause or a cancel', () => {
  test.each(['paused', 'cancelled'] as const)(
    '(%s) withdraws a hash that waits for its nonce; resumed, it goes on',
    async (hold) => {
      const { miner, ref } = await opened()
      await miner.look()
      expect(miner.queue).toMatchObject([{ step: 'commit' }])
      await held(miner, ref, hold)
      const { queue, lines } = await miner.pass()
      expect([queue, lines]).toEqual([[], [`commit ${ref.rollup} 1: dropped, ${hold}: a test`]])
      expect((await miner.pass()).lines).toEqual([])
      expect(await miner.attempts()).toEqual([])
      await miner.live(2)
      expect(await ranFor(miner, ref)).toEqual([])
      await held(miner, ref, hold, null)
      await miner.live(2)
      expect(await ranFor(miner, ref)).toEqual(['commit'])
    },
  )

  test('takes the nonce from a hash that was signed and never sent, so that it can not land', async () => {
    const { miner, ref } = await opened()
    await miner.look()
    await diesBeforeSending(miner)
    expect((await miner.attempts()).map(({ purpose, sentAtBlock }) => [purpose?.step, sentAtBlock])).toEqual([
      ['commit', null],
    ])
    await held(miner, ref, 'paused')
    await miner.pass()
    const [stored, replacing] = await miner.attempts()
    expect(replacing).toMatchObject({ nonce: stored?.nonce, attempt: 1, purpose: null })
    await miner.live(FINALITY + 1)
    expect(await ranFor(miner, ref)).toEqual([])
    await miner.pass()
    expect(await miner.attempts()).toEqual([])
  })

  test('leaves a hash that is out alone: it lands, and is proved', async () => {
    const { miner, ref } = await opened()
    await miner.look()
    await miner.pass()
    await held(miner, ref, 'paused')
    await miner.live(6)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })
})

describe('a reorg that changes the posted data', () => {
  test('replaces the hash of the old data at once, under its own nonce', async () => {
    const { miner, before } = await opened()
    await miner.look()
    await miner.pass()
    const [old] = await miner.attempts()
    await miner.harness.client.revert({ id: before })
    // Otherwise the old hash would be mined before the data is there.
    await miner.harness.client.dropTransaction({ hash: old?.txHash ?? '0x' })
    await miner.harness.mine(4)
    const other = await miner.open(withOtherData(nextSequence(undefined, 1)))
    await miner.pass()
    const replacing = (await miner.attempts()).filter(({ attempt }) => attempt > 0)
    expect(replacing).toMatchObject([{ nonce: old?.nonce, purpose: null }])
    await miner.live(3)
    const landed = (await listSequenceAttempts(miner.deps.db, other)).filter(
      ({ inclusion }) => inclusion?.status === 'success',
    )
    expect(landed.map(({ purpose }) => purpose && 'accInputHash' in purpose && purpose.accInputHash)).toEqual([
      other.accInputHash,
    ])
  })
})

describe('a rollup that is taken out of the configuration', () => {
  test('with its proof in flight: that is seen through, and the account goes on', async () => {
    const { miner, ref } = await opened()
    await miner.live(4)
    await miner.look()
    await miner.pass()
    expect(
      (await miner.attempts()).map(({ purpose, inclusion }) => [purpose?.step, inclusion === null]),
    ).toContainEqual(['prove', true])
    miner.forget()
    for (const { txHash } of await miner.attempts())
      await miner.harness.client.dropTransaction({ hash: txHash }).catch(() => {})
    for (let i = 0; i < FINALITY + 2; i += 1) {
      await miner.pass() // it is sent again, without the contract
      await miner.harness.mine(1)
    }
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    await miner.pass()
    expect([await miner.attempts(), miner.queue]).toEqual([[], []])
  })

  test('with its hash in flight: the hash is replaced, because nobody would prove it', async () => {
    const { miner, ref } = await opened()
    await miner.look()
    await miner.pass()
    miner.forget()
    await miner.pass()
    expect((await miner.attempts()).map(({ purpose }) => purpose?.step ?? null)).toEqual(['commit', null])
    await miner.harness.mine(1)
    expect(await ranFor(miner, ref)).toEqual([])
  })
})

/** Starts a miner of 5,000 with a proved sequence, and tells the chain as it was before that was posted. */
async function opened() {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const miner = await startMiner({ harness, stakeWei: 5_000n })
  const before = await harness.client.snapshot()
  return { miner, before, ref: await miner.open(nextSequence(undefined, 1)) }
}

const held = (
  { deps, rollup }: MinerOnAnvil,
  key: SequenceRef,
  hold: 'paused' | 'cancelled',
  reason: string | null = 'a test',
) => setHold(deps.db, { rollup: rollup.name, key, hold, reason, who: 'ann' })

/** Ends the process between storing an attempt and broadcasting it. */
async function diesBeforeSending({ deps, miner, queue }: MinerOnAnvil): Promise<void> {
  const senders = deps.senders.map((sender) => ({
    ...sender,
    chain: { ...sender.chain, broadcast: () => Promise.reject(new Error('the process is gone')) },
  }))
  const dying = createAdvanceSender({ ...deps, senders })({ chainId: 31337, account: miner, queue })
  await expect(dying).rejects.toThrow('the process is gone')
}
