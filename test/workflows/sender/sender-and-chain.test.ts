import { cancelled } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import type { Address } from '../../../protocol/base/ranges.ts'
import type { Intent, StakeIntent } from '../../../protocol/sender/intent.ts'
import type { SenderPass } from '../../../protocol/sender/view.ts'
import { searchAttributes } from '../../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, chainWorkflowId, senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import {
  intentSignal,
  linesQuery,
  queueQuery,
  stakeUpdate,
  wakeSignal,
  watcherSignal,
} from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { ensureWorkflows } from '../../../workers/temporal/ensure-workflows.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { gate, hash, MINER } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

describe.concurrent('a sender', () => {
  test('sends what is handed to it, and sleeps without anything to do', async () => {
    const { handle, passes, says } = await startSender()
    await vi.waitUntil(() => passes.length === 1, SOON)
    await handle.signal(intentSignal, intent(1))
    await vi.waitUntil(() => passes.length === 2, SOON)
    expect(passes).toEqual([[], [intent(1)]])
    await expect.poll(says, SOON).toEqual(['1 waiting']) // the pass was asked for, its answer may be on its way
    const { typedSearchAttributes } = await handle.describe()
    expect(typedSearchAttributes.get(searchAttributes.miner)).toBe(MINER)
  })

  test('keeps what arrives during a pass, the newer one of the same step, and passes again at once', async () => {
    const [asked, answered] = [gate(), gate()]
    const { handle, passes } = await startSender({
      advance: async (queue, count) => {
        if (count !== 2) return pass(queue)
        asked.open()
        await answered.passed
        return pass([]) // the first was carried out meanwhile
      },
    })
    await vi.waitUntil(() => passes.length === 1, SOON)
    await handle.signal(intentSignal, intent(1))
    await asked.passed
    for (const one of [intent(1, 20), intent(2), intent(1, 30)]) await handle.signal(intentSignal, one)
    answered.open()
    await vi.waitUntil(() => passes.length === 3, SOON)
    expect(passes[2]).toEqual([intent(2), intent(1, 30)])
  })

  test('keeps its queue when a pass fails, and shows why', async () => {
    let isAway = false
    const { handle, passes, says } = await startSender({
      advance: async (queue) => {
        if (isAway) throw ApplicationFailure.nonRetryable('no endpoint answers')
        return pass(queue)
      },
    })
    await vi.waitUntil(() => passes.length === 1, SOON)
    isAway = true
    await handle.signal(intentSignal, intent(1))
    await vi.waitUntil(async () => (await says())[0] === 'no endpoint answers', SOON)
    expect((await handle.describe()).memo).toMatchObject({ trouble: 'no endpoint answers' })
    isAway = false
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => passes.length === 3, SOON)
    expect(passes[2]).toEqual([intent(1)])
    await expect.poll(async () => (await handle.describe()).memo?.trouble ?? null, SOON).toBeNull()
  })

  test('says before its first pass what it is at', async () => {
    const answered = gate()
    const { passes, says } = await startSender({ advance: (queue) => answered.passed.then(() => pass(queue)) })
    await vi.waitUntil(() => passes.length === 1, SOON)
    expect(await says()).toEqual(['takes its first look at the account'])
    answered.open()
    await expect.poll(says, SOON).toEqual(['idle: waits for an intent'])
  })

  test('takes a stake that is asked for into its queue, and answers; a refused one it forgets', async () => {
    const { handle, passes } = await startSender()
    await vi.waitUntil(() => passes.length === 1, SOON)
    const ask = (toWei: string) =>
      handle.executeUpdate(stakeUpdate, { args: [{ who: 'ann', rollup: 'payments', toWei }] })
    expect(await ask('5')).toEqual({ isDone: true, answer: 'to 5' })
    await vi.waitUntil(() => passes.at(-1)?.length === 1, SOON)
    expect(passes.at(-1)).toEqual([stake('5')])
    expect(await handle.query(queueQuery)).toEqual([stake('5')])
    expect(await ask('0')).toEqual({ isDone: false, answer: 'to 0' })
    expect(await handle.query(queueQuery)).toEqual([stake('5')])
    expect(await ask('7')).toMatchObject({ isDone: true })
    await vi.waitUntil(() => passes.at(-1)?.some((one) => one.step === 'stake' && one.toWei === '7'), SOON)
    expect(await handle.query(queueQuery)).toEqual([stake('7')])
    await expect(ask('much')).rejects.toThrow()
  })

  test('whose run is lost is started anew with the stake that it saw to, not with what sequences want', async () => {
    const { handle, passes, served } = await startSender()
    await handle.signal(intentSignal, intent(1))
    await handle.executeUpdate(stakeUpdate, { args: [{ who: 'ann', rollup: 'payments', toWei: '5' }] })
    await vi.waitUntil(() => passes.at(-1)?.length === 2, SOON)
    await expect
      .poll(async () => (await handle.describe()).memo, SOON)
      .toMatchObject({
        stakes: [{ intent: stake('5'), standing: 'it waits for the sender to look' }],
      })
    await handle.terminate('as a run ends that can not be replayed')
    passes.length = 0
    await ensureWorkflows(harness.client, served)
    await vi.waitUntil(() => passes.length === 1, SOON)
    expect(passes).toEqual([[stake('5')]])
  })

  test('looks again after the time that the pass says', async () => {
    const { passes } = await startSender({ advance: async (queue, count) => pass(queue, count < 3 ? 1 : null) })
    await vi.waitUntil(() => passes.length === 3, SOON)
  })

  test('takes its queue along when it continues as new', async () => {
    const { handle, passes } = await startSender()
    await handle.signal(intentSignal, intent(1))
    await vi.waitUntil(() => passes.at(-1)?.length === 1, SOON)
    harness.bloated.add(handle.workflowId)
    const first = (await handle.describe()).runId
    await untilSuggestedToContinue(handle)
    await vi.waitUntil(async () => (await handle.describe()).runId !== first, SOON)
    const before = passes.length
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => passes.length > before, SOON)
    expect(passes.at(-1)).toEqual([intent(1)])
  })
})

describe.concurrent('a chain', () => {
  test('shows what its watcher ended with for good, and starts it again', async () => {
    const { runs, handle } = await startChain(async (count) => {
      if (count === 1) throw ApplicationFailure.nonRetryable('the database refused access', 'DatabaseAccessError')
      return await cancelled()
    })
    await vi.waitUntil(async () => (await handle.query(linesQuery)).includes('the database refused access'), SOON)
    await vi.waitUntil(() => runs.length === 2, LATER)
    expect(await handle.query(linesQuery)).toEqual([expect.stringContaining('watching chain')])
  })

  test('has its watcher started again when a run ends or fails', async () => {
    const { runs, handle } = await startChain(async (count) => {
      if (count === 2) throw new Error('the process is gone')
      return count < 4 ? { blocks: count } : await cancelled()
    })
    await vi.waitUntil(() => runs.length === 4, SOON)
    expect(await handle.query(linesQuery)).toEqual([expect.stringContaining('watching chain')])
    expect((await handle.describe()).typedSearchAttributes.get(searchAttributes.chainId)).toBe(runs[0])
  })

  test('shows what its watcher tells it, made harmless for Markdown', async () => {
    const { handle } = await startChain(cancelled)
    await handle.signal(watcherSignal, '[lift it here](https://rival.example) <b>now</b>')
    expect(await handle.query(linesQuery)).toEqual(['[lift it here](https://rival.example) <b>now</b>'])
    expect(await handle.query('__temporal_workflow_metadata')).toMatchObject({
      currentDetails: expect.stringContaining('- \\[lift it here\\](https\\://rival.example) \\<b\\>now\\</b\\>'),
    })
    await handle.signal(watcherSignal, null)
    expect(await handle.query(linesQuery)).toEqual([expect.stringContaining('watching chain')])
  })

  test('continues as new when its history is long', async () => {
    const isLong = gate()
    const { runs, handle } = await startChain(async (count) => {
      if (count > 1) return await cancelled()
      await isLong.passed
      return { blocks: 1 }
    })
    await vi.waitUntil(() => runs.length === 1, SOON)
    harness.bloated.add(handle.workflowId)
    const first = (await handle.describe()).runId
    await untilSuggestedToContinue(handle)
    isLong.open()
    await vi.waitUntil(() => runs.length === 2, SOON)
    expect((await handle.describe()).runId).not.toBe(first)
  })
})

let lastChainId = 1_000

const intent = (from: number, lastBlock = 10): Intent => ({
  ...{
    rollup: 'payments',
    from,
    to: from,
    accInputHash: hash(3),
    step: 'commit',
    contract: MINER,
    firstBlock: 1,
    lastBlock,
  },
  finalProof: { sha256: hash(1), size: 1, proofHash: hash(2) },
})

const stake = (toWei: string): StakeIntent => ({
  ...{ rollup: 'payments', contract: MINER, step: 'stake', firstBlock: 1, lastBlock: null, toWei },
})

/** Makes a pass after which the sender by default sleeps until something happens. */
const pass = (queue: Intent[], waitMs: number | null = null): SenderPass => ({
  ...{ queue, waitMs, unfinalNonces: 0 },
  lines: queue.length === 0 ? [] : [`${queue.length} waiting`],
})

type Advance = (queue: Intent[], count: number) => Promise<SenderPass>

/** Starts a sender on a chain of its own and records the queue of each pass. */
async function startSender({ advance = async (queue) => pass(queue) }: { advance?: Advance } = {}) {
  const chainId = ++lastChainId
  const passes: Intent[][] = []
  harness.serve(chainId, {
    advanceSender: ({ queue }) => {
      passes.push(queue)
      return advance(queue, passes.length)
    },
    openStake: async ({ toWei }) => ({
      answer: { isDone: toWei !== '0', answer: `to ${toWei}` },
      intent: toWei === '0' ? null : stake(toWei),
    }),
  })
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.sender, {
    workflowId: senderWorkflowId(chainId, MINER),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ chainId, account: MINER, queue: [] }],
  })
  const served = { chainIds: [], rollups: [], accounts: [{ chainId, account: MINER as Address }] }
  return { handle, passes, served, says: () => (handle as WorkflowHandle).query(linesQuery) }
}

/** Starts the workflow of a chain of its own. @param watch the count of runs of the watcher, this one included. */
async function startChain(watch: (count: number) => Promise<{ blocks: number }>) {
  const chainId = ++lastChainId
  const runs: number[] = []
  harness.serve(chainId, {
    watchChain: (p) => {
      runs.push(p.chainId)
      return watch(runs.length)
    },
  })
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.chain, {
    workflowId: chainWorkflowId(chainId),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ chainId }],
  })
  return { handle, runs }
}
