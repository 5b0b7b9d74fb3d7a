import { expect, onTestFinished, test } from 'vitest'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import { createLookAtSequence, readView } from '../../../activities/sequence/look-at-sequence.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { finalizedAt, forgetsState } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { fundRewards, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

/** Blocks below the head whose state the node keeps. */
const HISTORY = 4

test('finality that stops, and falls behind what a node remembers, holds up no proof; what it ends, ends when it goes on', async () => {
  const { miner, lastFinal, finalize } = await minerOfForgetfulNode()
  await fundRewards(miner.harness)
  const ref = await miner.open(nextSequence(undefined, 1))
  await miner.harness.mine(HISTORY)
  await miner.live(6)
  const pass = await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  expect(pass.lines.at(-1)).toMatch(`finality: the endpoints don't tell what stands after final block ${lastFinal}`)
  expect(await purposes(miner)).toEqual(['commit', 'prove']) // none is called final
  expect(miner.rollup.chain.troubles()).toEqual([])

  await miner.look()
  const why = `the endpoints don't tell what stands after final block ${lastFinal}`
  expect(miner.looks.get(ref.to)?.step).toMatchObject({
    kind: 'wait',
    code: 'finality',
    why: expect.stringContaining(why),
  })
  const { finality, open } = await createSurveyRollup(miner.deps)({ rollup: ref.rollup })
  expect([finality, open]).toMatchObject([expect.stringContaining(why), [{ to: ref.to }]])

  await finalize()
  await miner.live(8) // the deadline of late proofs is over
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  await finalize()
  expect(await lookAt(miner, ref)).toMatchObject({ step: { kind: 'done', outcome: 'proved' } })
  expect((await miner.pass()).lines).toEqual([expect.stringContaining('dropped, its effect is final')])
  expect(await purposes(miner)).toEqual([])
  await miner.look()
  expect(miner.looks.size).toBe(0)
})

test('a hash whose sequence is gone at the head is not taken for gone on a final block that nobody tells of', async () => {
  const { miner } = await minerOfForgetfulNode()
  const snapshot = await miner.harness.client.snapshot()
  const ref = await miner.open(nextSequence(undefined, 1))
  await miner.harness.mine(HISTORY)
  await miner.look()
  const [before] = miner.looks.values()
  expect(before?.step.kind).toBe('commit')
  await miner.harness.client.revert({ id: snapshot })
  await miner.harness.mine(2 * HISTORY)
  const { step } = await lookAt(miner, ref)
  expect(await readView(miner.deps, miner.rollup, ref)).toMatchObject({ atHead: { accInputHash: null }, atFinal: null })
  expect(step).toMatchObject({ kind: 'wait', code: 'sequence-missing' })
})

const purposes = async (miner: MinerOnAnvil) => (await miner.attempts()).map(({ purpose }) => purpose?.step)

const lookAt = (miner: MinerOnAnvil, sequence: Parameters<ReturnType<typeof createLookAtSequence>>[0]['sequence']) =>
  createLookAtSequence(miner.deps)({ sequence })

/** Starts a miner whose finality stands still at the present block until `finalize` makes it the newest one. */
async function minerOfForgetfulNode() {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const proxy: RpcProxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const miner = await startMiner({ harness, rpcUrl: proxy.url, stakeWei: 5_000n, finality: { tag: 'finalized' } })
  const lastFinal = await harness.head()
  let final = lastFinal
  const forgets = forgetsState(HISTORY)
  const isAt = finalizedAt(() => final)
  proxy.fault = (call) => isAt(call) ?? forgets(call)
  const finalize = async () => {
    final = await harness.head()
  }
  return { miner, lastFinal, finalize }
}
