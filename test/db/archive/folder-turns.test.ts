import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTurns } from '../../../db/archive/folder-turns.ts'

const turns = () => createTurns({ timeoutMs: 50, timedOut: () => new Error('too late') })

test('steps run one at a time, in the order in which they were asked for, and a failed one stops none', async () => {
  const takeTurn = turns()
  const log: string[] = []
  const step = (name: string) => async () => {
    log.push(`${name} begins`)
    await sleep(5)
    log.push(`${name} ends`)
    if (name === 'a') throw new Error('a failed')
    return name
  }
  const answers = await Promise.allSettled(['a', 'b', 'c'].map((name) => takeTurn(step(name))))
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(answers).toMatchObject([{ status: 'rejected' }, { value: 'b' }, { value: 'c' }])
})

test.each([
  { how: 'succeeds', end: () => Promise.resolve() },
  { how: 'fails', end: () => Promise.reject(new Error('nobody waits for this')) },
])('one that $how after it was given up: until then no other begins, and then the next one does', async ({ end }) => {
  const takeTurn = turns()
  const hung = Promise.withResolvers<void>()
  let begun = 0
  const next = () => takeTurn(async () => ++begun)
  const first = takeTurn(() => hung.promise.then(end))
  const queued = next()
  await expect(first).rejects.toThrow('too late')
  await expect(queued).rejects.toThrow('too late')
  await expect(next()).rejects.toThrow('too late')
  expect(begun).toBe(0)
  hung.resolve()
  await sleep(5)
  expect(await next()).toBe(1)
})

test('one whose turn comes too late is not begun: on a slow disk nobody waits ever longer', async () => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const takeTurn = turns()
  const slow = () => takeTurn(() => new Promise((resolve) => setTimeout(resolve, 40, 'done')))
  const answers = Promise.allSettled([slow(), slow(), slow()])
  await vi.advanceTimersByTimeAsync(200)
  expect(await answers).toMatchObject([{ value: 'done' }, { value: 'done' }, { reason: { message: 'too late' } }])
  await Promise.all([expect(slow()).resolves.toBe('done'), vi.advanceTimersByTimeAsync(40)])
})
