import { describe, expect, onTestFinished, test } from 'vitest'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { createChainControl } from '../../chaos/nodes/node.ts'
import { Harness, testParams } from '../../contracts/harness.ts'
import type { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, proving } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import {
  FINALITY,
  type MinerOnAnvil,
  openBehindRival,
  ranFor,
  startContract,
  startMiner,
  tipNothing,
} from '../miner-on-anvil.ts'

// A hash that was right when it was sent isn't mined, and meanwhile something happens after which it would cost us.

const T1 = testParams.commitBlocks
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)

describe('a late proof has come to be owed at a contract of 2023, which fines whatever is called before it', () => {
  test('it gets the nonce of the hash that no block took', async () => {
    const { miner, first, second, nonce } = await unminedHash()
    await miner.live(1)
    await miner.pass()
    expect(await ranFor(miner, first)).toEqual(['commit', 'prove-late'])
    expect(await ranFor(miner, second)).toEqual([])
    await miner.live(2)
    await miner.pass()
    expect([...(await nonces(miner, first)), ...(await nonces(miner, second))]).toEqual([nonce - 1, nonce, nonce + 1])
    expect(await ranFor(miner, second)).toEqual(['commit'])
  })

  test('before it is handed over the hash is replaced by an empty transaction, which is no call', async () => {
    const { miner, first, second, nonce } = await unminedHash()
    const { lines } = await miner.pass()
    expect(lines).toContain(
      `nonce ${nonce}: empty self-transfer, attempt 1, signed at block ${await miner.harness.head()}`,
    )
    await miner.live(1)
    await miner.pass()
    expect([await ranFor(miner, first), await ranFor(miner, second)]).toEqual([['commit', 'prove-late'], []])
  })

  test('the hash lands all the same, from some node’s pool: it is seen, and the late proof gets the next nonce', async () => {
    const { miner, first, second, nonce } = await unminedHash()
    const [hash] = (await miner.attempts()).filter((one) => one.nonce === nonce)
    await miner.look()
    await miner.pass()
    const { client } = miner.harness
    for (const { txHash } of await miner.attempts()) await client.dropTransaction({ hash: txHash }).catch(() => {})
    await client.sendRawTransaction({ serializedTransaction: `0x${Buffer.from(hash?.raw ?? []).toString('hex')}` })
    await miner.harness.mine(1)
    await miner.live(1)
    await miner.pass()
    expect([await nonces(miner, second), await nonces(miner, first)]).toEqual([[nonce], [nonce - 1, nonce + 1]])
  })
})

test('a reorg takes away what a rival verified before our hash: that isn’t sent again until it is verified again', async () => {
  const harness = await Harness.start({ proveBlocks: 20 })
  onTestFinished(() => harness.anvil.stop())
  const miner = await startMiner({ harness, stakeWei: 5_000n, finality: 20 })
  const { rival } = miner
  const second = await openBehindRival(miner, [FIRST, SECOND], T1)
  await miner.live(1)
  await miner.pass()
  expect(await ranFor(miner, second)).toEqual(['commit'])
  await createChainControl(harness.anvil.url).reorg(2, () => 'lost')
  await miner.live(2)
  await miner.pass()
  expect(await ranFor(miner, second)).toEqual([])
  await harness.send(proving(rival, FIRST))
  await miner.live(1)
  await miner.pass()
  expect(await ranFor(miner, second)).toEqual(['commit'])
})

test('a reorg takes away two hashes of ours: the second is sent again behind the first', async () => {
  const miner = await startMiner({ stakeWei: 5_000n, finality: 20 })
  const [first, second] = [await miner.open(FIRST), await miner.open(SECOND)]
  await miner.live(2)
  await miner.pass()
  expect([await ranFor(miner, first), await ranFor(miner, second)]).toEqual([['commit'], ['commit']])
  await createChainControl(miner.harness.anvil.url).reorg(2, () => 'lost')
  await miner.live(1)
  await miner.pass()
  expect([await ranFor(miner, first), await ranFor(miner, second)]).toEqual([['commit'], ['commit']])
})

test('the slot of a contract of 2023 is paused: the proof would revert, so the hash that no block took is taken back, and sent again after it', async () => {
  const { harness, stakeWei } = await startContract({ is2023: true })
  const miner = await startMiner({ harness, stakeWei })
  tipNothing(miner)
  const ref = await miner.open(FIRST)
  await miner.look()
  await miner.pass()
  const [hash] = await miner.attempts()
  await harness.client.dropTransaction({ hash: hash?.txHash ?? '0x' })
  const pauseSlot = (isPaused: boolean) =>
    (harness as Harness2023).special({ part: 'slotAdapter', functionName: 'setPaused', args: [isPaused] })
  await pauseSlot(true)
  const { lines } = await miner.pass()
  expect(lines).toContain(
    `nonce ${hash?.nonce}: empty self-transfer, attempt 1, signed at block ${await harness.head()}`,
  )
  await miner.live(2)
  expect(await ranFor(miner, ref)).toEqual([])
  await pauseSlot(false)
  await miner.live(3)
  await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit'])
})

test('one store that is away for a moment takes no nonce from a hash: the other has its proof', async () => {
  const miner = await startMiner({ stakeWei: 5_000n })
  tipNothing(miner)
  await miner.open(FIRST)
  await miner.look()
  await miner.pass()
  const sent = await miner.attempts()
  miner.deps.archive.has = async () => false
  await miner.pass()
  expect((await miner.attempts()).map(({ txHash }) => txHash)).toEqual(sent.map(({ txHash }) => txHash))
})

/**
 * Makes a hash that is not mined. Ours stands on the first sequence and was late when a rival had proved it. The one on
 * the second was sent under `nonce` before, and no node has it any more.
 */
async function unminedHash(): Promise<{ miner: MinerOnAnvil; first: SequenceRef; second: SequenceRef; nonce: number }> {
  const { harness, stakeWei } = await startContract({ is2023: true })
  const miner = await startMiner({ harness, stakeWei })
  tipNothing(miner)
  const { rival } = miner
  await harness.send({ from: rival, functionName: 'deposit', args: [], value: stakeWei })
  const first = await miner.open(FIRST)
  await miner.live(1)
  const second = await miner.open(SECOND)
  await miner.look()
  await miner.pass()
  const hash = (await miner.attempts()).find(({ inclusion }) => inclusion === null)
  await harness.client.dropTransaction({ hash: hash?.txHash ?? '0x' })
  await harness.send(committing(rival, FIRST))
  await harness.mine(T1)
  await harness.send(proving(rival, FIRST))
  await harness.mine(FINALITY)
  expect([await ranFor(miner, first), await ranFor(miner, second)]).toEqual([['commit'], []])
  return { miner, first, second, nonce: hash?.nonce ?? 0 }
}

/** Tells under which nonces those attempts for a sequence ran that succeeded. */
async function nonces({ deps }: MinerOnAnvil, sequence: SequenceRef): Promise<number[]> {
  const attempts = await listSequenceAttempts(deps.db, sequence)
  return attempts.flatMap(({ inclusion, nonce }) => (inclusion?.status === 'success' ? [nonce] : []))
}
