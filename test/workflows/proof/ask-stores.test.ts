import { setTimeout } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import { pauseUpdate, resumeUpdate } from '../../../protocol/temporal/messages.ts'
import { LATER } from '../../support/patience.ts'
import { ANN, startProving, untilStatus } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

/** Longer than a workflow's own task has time for. */
const SLOW_MS = 6_000

const QUESTIONS = ['findProvedSpans', 'openTask', 'acceptProof'] as const

describe.concurrent.each(QUESTIONS)('%s', (question) => {
  test('is asked by the server when a store is away', async () => {
    const { asked, scene } = await startWith(question, async (times) => {
      if (times < 3) throw ApplicationFailure.create({ type: 'DatabaseUnavailableError', message: 'Postgres is away' })
    })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(await tasksOf(scene, question)).toBe(1)
    expect(asked()).toBeGreaterThan(2)
  })

  test('is asked by the server when a store is slow', async () => {
    const { scene } = await startWith(question, (times) => (times === 1 ? setTimeout(SLOW_MS) : Promise.resolve()))
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(await tasksOf(scene, question)).toBe(1)
  })

  test('fails as the server has it when it can not be answered', async () => {
    const { scene } = await startWith(question, async (times) => {
      if (times <= 2) throw ApplicationFailure.nonRetryable('nobody knows this rollup', 'UnknownRollupError')
    })
    await untilStatus(scene.handle, { waitingFor: 'nobody knows this rollup' }, LATER)
    expect(await tasksOf(scene, question)).toBe(1)
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
  })
})

test('whatever comes first, a replay does the same', async () => {
  const someTime = () => setTimeout(Math.random() * 30)
  const scene = await startProving(harness, {
    range: { from: 1, to: 24 },
    act: someTime,
    begun: 0,
    change(store) {
      const { openTask, acceptProof } = store
      store.openTask = (request) => someTime().then(() => openTask(request))
      store.acceptProof = (p) => someTime().then(() => acceptProof(p))
    },
  })
  for (const decision of [pauseUpdate, resumeUpdate, pauseUpdate, resumeUpdate])
    await scene.handle.executeUpdate(decision, { args: [ANN] })
  await vi.waitUntil(() => scene.store.isFinal(), LATER)
  await untilStatus(scene.handle, { proofsDone: 48 }) // whether it replays is asked after all tests of a file
})

/** A sequence of one batch whose store does something before it answers one of the questions. */
async function startWith(question: (typeof QUESTIONS)[number], before: (times: number) => Promise<unknown>) {
  let times = 0
  const scene = await startProving(harness, {
    range: { from: 4, to: 4 },
    act: async () => {},
    begun: 0,
    change(store) {
      const answer = store[question] as (about: object) => Promise<unknown>
      Object.assign(store, {
        async [question](about: object) {
          times += 1
          await before(times)
          return answer.call(store, about)
        },
      })
    },
  })
  return { scene, asked: () => times }
}

/** How often the server had an activity run. */
async function tasksOf({ proving }: Awaited<ReturnType<typeof startProving>>, name: string): Promise<number> {
  const { events } = await proving.fetchHistory()
  return (events ?? []).filter((one) => one.activityTaskScheduledEventAttributes?.activityType?.name === name).length
}
