import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlockFinder } from '../../../chain/contract/find-block.ts'

test('finds the blocks of a second, however blocks come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 200 }),
      fc.array(fc.nat()),
      async (gaps, picks) => {
        const { times, find } = chainOf(gaps)
        for (const pick of picks) {
          const sec = times[pick % times.length] ?? 0
          const over = times.findIndex((time) => time > sec)
          expect(await find(sec)).toEqual({ first: times.indexOf(sec), last: over === -1 ? times.length - 1 : over })
        }
      },
    ),
  )
})

test('never ends before the block of a second, whatever nodes don’t have', async () => {
  const missing = fc.uniqueArray(fc.nat(199))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 200, maxLength: 200 }),
      missing,
      fc.array(fc.nat(199)),
      async (gaps, gone, picks) => {
        const { times, find } = chainOf(gaps, gone)
        for (const pick of picks) expect((await find(times[pick] ?? 0)).last).toBeGreaterThanOrEqual(pick)
      },
    ),
  )
})

test('where blocks come evenly, asks for a handful of headers, in a request or two', async () => {
  const { times, asked, find } = chainOf(Array.from({ length: 100_000 }, (_, i) => (i % 97 === 0 ? 24 : 12)))
  await find(times[50_000] ?? 0)
  expect(asked.length).toBeLessThan(45) // the first search halves
  asked.splice(0)
  for (let i = 51_000; i < 91_000; i += 1_000) await find(times[i] ?? 0)
  expect(asked.length / 40).toBeLessThan(6)
})

test('a reorg makes known headers wrong, and no answer', async () => {
  const { times, find } = chainOf(Array.from({ length: 100 }, () => 12))
  await find(times[50] ?? 0)
  for (let i = 30; i < times.length; i += 1) times[i] = (times[i] ?? 0) + 5 * (i - 29)
  for (let i = 20; i < 90; i += 1) expect(await find(times[i] ?? 0)).toEqual({ first: i, last: i + 1 })
})

/** Makes a chain of blocks so many seconds apart, some of which nodes don't have. */
function chainOf(gaps: readonly number[], gone: readonly number[] = []) {
  let now = 1_000
  const times = gaps.map((gap) => (now += gap))
  const asked: number[] = []
  const isThere = (number: number) => number >= 0 && !gone.includes(number)
  const find = createBlockFinder({
    async blockNear(number, least = 0) {
      asked.push(number)
      for (let below = number; below >= least; below -= 1)
        if (isThere(below)) return { ...BLOCK, number: below, timestampSec: times[below] ?? 0 }
      return undefined
    },
  })
  return { times, asked, find: (sec: number) => find({ sec, from: 0, to: times.length - 1 }) }
}

const BLOCK = { hash: '0x01', parentHash: '0x00' } as const
