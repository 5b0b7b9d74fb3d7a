import { foundry } from 'viem/chains'
import { expect, onTestFinished, test } from 'vitest'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { createChain } from '../../../chain/create-chain.ts'
import { chainAccInputHash, decodeSequence } from '../../../kinds/sequence-of-2023.ts'
import type { ExecutionRules } from '../../../protocol/proof/rollup-kind.ts'
import { Harness } from '../../contracts/harness.ts'
import { sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { hash, openTestDatabase } from '../../db/fixtures.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { activityEnvironment, setUp } from '../support.ts'

// The calls of a replay of a rollup's history are counted: providers charge by calls, and each request is a way there
// and back.

const { db } = await openTestDatabase()

const SEQUENCES = 20
const LATER_BLOCKS = 100

test('a replay asks little for each sequence of the history, and a survey makes it forget none', async () => {
  const { proxy, harness, prepare, list } = await scene()
  expect(await prepare()).toEqual({ status: 'prepared' })
  expect(proxy.requests / SEQUENCES).toBeLessThan(10)
  expect(proxy.calls.length / SEQUENCES).toBeLessThan(25)
  await harness.mine(1)
  expect((await list(SEQUENCES - 2)).sequences).toHaveLength(2)
  await harness.mine(5) // the final block has then never been a head
  proxy.requests = 0
  expect((await list(0)).sequences).toHaveLength(SEQUENCES)
  expect(proxy.requests).toBeLessThan(SEQUENCES / 2)
})

/** Posts sequences at uneven distances, far below the head. */
async function scene() {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  await harness.client.setBlockTimestampInterval({ interval: 12 })
  await harness.mine(20)
  const sequences: TestSequence[] = []
  for (let i = 0; i < SEQUENCES; i += 1) {
    const sequence = nextSequence(sequences.at(-1), 1)
    sequences.push(sequence)
    await harness.send(sequencing(harness.sequencer, sequence))
    await harness.mine(1 + ((i * 7) % 9))
  }
  for (let i = 0; i < LATER_BLOCKS; i += 20) await harness.mine(20)
  const proxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const chain = createChain({
    chainId: foundry.id,
    rpcUrls: [proxy.url],
    finality: { confirmations: 2 },
    maxFeePerGasWei: 1n,
  })
  const { deps, rollup } = await setUp(db, {
    posted: [],
    chain,
    kind: { decodeSequence, chainAccInputHash, executeBatch },
  })
  Object.assign(rollup, { contract: harness.rollup, deployedAtBlock: Number(harness.deploymentBlock) })
  const last = sequences.at(-1)
  if (last === undefined) throw new Error('There is none.')
  const sequence = { rollup: rollup.name, from: last.init + 1, to: last.final, accInputHash: last.newAccInputHash }
  const prepare = () => activityEnvironment().run(createPrepareSequence(deps), { sequence })
  const list = (floor: number) => chain.readRollup({ contract: harness.rollup, floor, confirmations: 1 })
  return { proxy, harness, prepare, list }
}

/** Makes states without executing, which isn't what is counted. */
const executeBatch: ExecutionRules['executeBatch'] = async (before, batch, ids) => {
  const after = {
    ...before,
    batchNum: before.batchNum + 1,
    accInputHash: chainAccInputHash(before.accInputHash, batch),
  }
  const roots = { oldStateRoot: before.stateRoot, newStateRoot: hash(after.batchNum) }
  const hashes = { oldAccInputHash: before.accInputHash, newAccInputHash: after.accInputHash }
  const statement = { ...roots, ...hashes, oldBatchNum: before.batchNum, newBatchNum: after.batchNum, ...ids }
  return { statement, input: Uint8Array.of(after.batchNum), after: { ...after, stateRoot: statement.newStateRoot } }
}
