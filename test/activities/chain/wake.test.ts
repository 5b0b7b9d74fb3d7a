import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createWaker, wake } from '../../../activities/chain/wake.ts'
import { fakeTemporal } from '../support.ts'

const IDS = Array.from({ length: 100 }, (_, i) => `sequence/a/${i}-${i}`)

test('few signals are on their way at a time, in the order in which they were asked for', async () => {
  const { waker, told, answerNext, waits } = scene()
  waker.add(IDS, 'block 1')
  expect(waits).toHaveLength(16)
  expect(waker.pending()).toEqual(IDS)
  while (waits.length > 0) await answerNext()
  expect(told).toEqual(IDS)
})

test('who waits for its turn is told once, and who is being told once more', async () => {
  const { waker, told, answerNext, waits } = scene()
  waker.add(IDS, 'block 1')
  waker.add(IDS, 'block 2')
  while (waits.length > 0) await answerNext()
  expect(told).toHaveLength(116)
  expect(told.filter((id) => id === IDS[15])).toHaveLength(2)
  expect(told.filter((id) => id === IDS[16])).toHaveLength(1)
})

test('a wave is waited for until its time is over, and goes on afterwards', async () => {
  const { waker, told, answerNext, waits } = scene()
  waker.add(IDS, 'block 1')
  await waker.settle(1)
  expect(told).toEqual([])
  while (waits.length > 0) await answerNext()
  await waker.settle()
  expect(waker.pending()).toEqual([])
})

test('what is stopped tells nobody whose turn hasn’t come', async () => {
  const { waker, told, answerNext, waits } = scene()
  waker.add(IDS, 'block 1')
  waker.stop()
  while (waits.length > 0) await answerNext()
  expect(told).toHaveLength(16)
})

test('one failure is one failure', async () => {
  const { waker, told, failed, answerNext, waits } = scene((id) => id === IDS[3])
  waker.add(IDS, 'block 1')
  while (waits.length > 0) await answerNext()
  expect(told).toHaveLength(99)
  expect(failed).toEqual([IDS[3]])
})

test('whoever has to know hears of a failure when all others are told', async () => {
  const told: string[] = []
  const getHandle = (id: string) => ({
    async signal() {
      if (id === IDS[3]) throw new Error('too many signals')
      told.push(id)
    },
  })
  await expect(wake(fakeTemporal({ getHandle }), IDS, 'paused')).rejects.toThrow('too many signals')
  expect(told).toHaveLength(99)
})

/** Makes a waker whose signals are answered when the test says so. */
function scene(fails: (id: string) => boolean = () => false) {
  const told: string[] = []
  const failed: string[] = []
  const waits: (() => void)[] = []
  const getHandle = (id: string) => ({
    async signal() {
      await new Promise<void>((resolve) => waits.push(resolve))
      if (fails(id)) throw new Error('too many signals')
      told.push(id)
    },
  })
  const waker = createWaker(fakeTemporal({ getHandle }), { onFailure: (id) => failed.push(id) })
  async function answerNext(): Promise<void> {
    waits.shift()?.()
    await setImmediate()
  }
  return { waker, told, failed, waits, answerNext }
}
