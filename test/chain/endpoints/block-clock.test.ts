import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBlockClock } from '../../../chain/endpoints/block-clock.ts'
import type { AgreedBlock } from '../../../chain/endpoints/endpoints.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { nextLookMs } from '../../../protocol/sequence/wake-up.ts'

const HALT_SEC = 30 * 60

describe('the time per block', () => {
  test.each<{ secs: number[]; ms: number | null; why: string }>([
    { secs: [], ms: null, why: 'block 1 alone tells nothing, and a genesis may be years old' },
    { secs: [12], ms: 12_000, why: 'two blocks tell their own' },
    { secs: times(40, 12), ms: 12_000, why: 'a steady chain' },
    { secs: times(40, 0), ms: 200, why: 'timestamps are whole seconds: never less than a fifth of one' },
    { secs: [...times(40, 0.25)], ms: 200, why: 'blocks of a quarter of a second' },
    { secs: [...times(40, 12), HALT_SEC], ms: 12_000, why: 'the first block after a halt' },
    { secs: [...times(40, 12), HALT_SEC, ...times(3, 12)], ms: 12_000, why: 'a few blocks after a halt' },
    { secs: [...times(30, 12), HALT_SEC, ...times(6, 12), HALT_SEC, 12], ms: 12_000, why: 'two halts' },
    { secs: [...times(30, 12), HALT_SEC, ...times(8, 0)], ms: 12_000, why: 'what was put off comes in a burst' },
    { secs: [...times(5, 12), HALT_SEC, 12], ms: 12_000, why: 'a chain that is young' },
    { secs: [...times(20, 12), ...times(25, 2)], ms: 2_000, why: 'a chain that has got faster' },
    { secs: [...times(20, 2), ...times(25, 12)], ms: 12_000, why: 'a chain that has got slower' },
  ])('$why', async ({ secs, ms }) => {
    const chain = chainOf(secs)
    expect(await createBlockClock(chain).msPerBlock(chain.head())).toBe(ms)
  })

  test('costs a header per head, and four more every fifth', async () => {
    const chain = chainOf(times(60, 12))
    const clock = createBlockClock(chain)
    for (let number = 31; number <= 60; number += 1) expect(await clock.msPerBlock(chain.head(number))).toBe(12_000)
    expect(chain.asked).toHaveLength(30 + 6 * 4)
  })

  test('is asked for once by all that look at one head', async () => {
    const chain = chainOf(times(60, 12))
    const clock = createBlockClock(chain)
    await Promise.all(times(9, 0).map(() => clock.msPerBlock(chain.head())))
    expect(chain.asked).toHaveLength(5)
  })

  test('is that of the branch that stands', async () => {
    const chain = chainOf(times(40, 12))
    const clock = createBlockClock(chain)
    await clock.msPerBlock(chain.head())
    chain.replace(times(40, 3))
    expect(await clock.msPerBlock(chain.head())).toBe(3_000)
  })

  test('that could not be read is read again', async () => {
    const chain = chainOf(times(40, 12))
    const clock = createBlockClock(chain)
    chain.isAway = true
    await expect(clock.msPerBlock(chain.head())).rejects.toThrow('away')
    chain.isAway = false
    expect(await clock.msPerBlock(chain.head())).toBe(12_000)
  })
})

test('a chain that stood still, wherever and however long, makes nobody sleep through more than half of a window', async () => {
  const halts = fc.array(
    fc.record({ at: fc.integer({ min: 20, max: 59 }), sec: fc.integer({ min: 1, max: 10 ** 6 }) }),
    { maxLength: 2 },
  )
  const window = {
    T1: fc.integer({ min: 4, max: 200 }),
    T2: fc.integer({ min: 4, max: 200 }),
    blockSec: fc.integer({ min: 1, max: 60 }),
  }
  await fc.assert(
    fc.asyncProperty(fc.record({ halts, ...window }), async ({ halts, T1, T2, blockSec }) => {
      const chain = chainOf(times(59, blockSec).map((sec, i) => sec + (halts.find(({ at }) => at === i)?.sec ?? 0)))
      const msPerBlock = (await createBlockClock(chain).msPerBlock(chain.head())) ?? 0
      const head = chain.head().number // R: the hash has just landed
      const step = { kind: 'wait', code: 'proof-window-opens', why: '', untilBlock: head + T1 } as const
      const ms = nextLookMs({ step, head, msPerBlock, owesProof: true })
      expect(ms).toBeLessThanOrEqual(((T1 + T2) / 2) * blockSec * 1000)
    }),
  )
})

const times = (count: number, sec: number): number[] => Array.from({ length: count }, () => sec)

const hashOf = (number: number, branch: number): Hex => `0x${branch}${String(number).padStart(63, '0')}`

/** Makes a chain from block 1 on. @param secs what each further block took. */
function chainOf(secs: readonly number[]) {
  let branch = 0
  let headers = headersOf(secs, branch)
  const chain = {
    asked: [] as number[],
    isAway: false,
    async blockNear(number: number) {
      chain.asked.push(number)
      if (chain.isAway) throw new Error('the endpoints are away')
      return headers[number - 1]
    },
    head: (number = headers.length) => headers[number - 1] as AgreedBlock,
    replace(others: readonly number[]) {
      branch += 1
      headers = headersOf(others, branch)
    },
  }
  return chain
}

function headersOf(secs: readonly number[], branch: number): AgreedBlock[] {
  let at = 1_700_000_000
  return [0, ...secs].map((sec, i) => {
    at += sec
    return { number: i + 1, hash: hashOf(i + 1, branch), parentHash: hashOf(i, branch), timestampSec: Math.floor(at) }
  })
}
