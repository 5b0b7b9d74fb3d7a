import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import { nextLookMs, nextPassMs } from '../../../protocol/sequence/wake-up.ts'

const wait = (untilBlock: number | null): Step => ({ kind: 'wait', code: 'finality', why: '', untilBlock })

test.each([
  { step: wait(110), owesProof: false, ms: 10_000, why: 'ten blocks of a second' },
  {
    step: wait(110),
    owesProof: true,
    ms: 5_000,
    why: 'with a hash out half of it, against fast chains and lost signals',
  },
  { step: wait(101), owesProof: true, ms: 1_000, why: 'the next block is not halved' },
  { step: wait(90), owesProof: false, ms: 1_000, why: 'a block that has gone by means the next one' },
  { step: wait(null), owesProof: false, ms: null, why: 'only an event helps' },
  { step: wait(null), owesProof: true, ms: 2_000, why: 'with a hash out nothing is left to events alone' },
  {
    step: { kind: 'commit', firstBlock: 101, lastBlock: null } as Step,
    owesProof: false,
    ms: 2_000,
    why: 'a handed-over hash is looked after',
  },
  {
    step: { kind: 'prove', firstBlock: 1, lastBlock: 2, isLate: false } as Step,
    owesProof: true,
    ms: 1_000,
    why: 'a handed-over proof too',
  },
])('$why', ({ step, owesProof, ms }) => expect(nextLookMs({ step, head: 100, msPerBlock: 1000, owesProof })).toBe(ms))

/** However wrong the estimate is. */
const anyMsPerBlock = fc.integer({ min: 200, max: 10 ** 9 })
const anyUntil = fc.option(fc.integer({ min: 0, max: 10 ** 6 }), { nil: null })

describe('whatever the time per block is taken for', () => {
  test('with a hash out nobody sleeps longer than half a minute, and not through half of what is left of the window', () => {
    const law = fc.property(
      anyMsPerBlock,
      anyUntil,
      fc.integer({ min: 4, max: 10 ** 6 }),
      (msPerBlock, until, left) => {
        const untilBlock = until === null ? null : Math.min(until, 100 + left) // no step waits beyond its window
        const ms = nextLookMs({ step: wait(untilBlock), head: 100, msPerBlock, owesProof: true })
        expect(ms).toBeGreaterThan(0)
        expect(ms).toBeLessThanOrEqual(Math.min(30_000, Math.ceil((left / 2) * msPerBlock)))
      },
    )
    fc.assert(law)
  })

  test('with nothing owed nobody who waits for a block sleeps longer than ten minutes', () => {
    const law = fc.property(anyMsPerBlock, fc.integer({ min: 0, max: 10 ** 6 }), (msPerBlock, until) => {
      expect(nextLookMs({ step: wait(until), head: 100, msPerBlock, owesProof: false })).toBeLessThanOrEqual(600_000)
    })
    fc.assert(law)
  })

  test.each([
    { msPerBlock: 12_000, ms: 12_000, why: 'a pass every block' },
    { msPerBlock: 101_000, ms: 15_000, why: 'with something under way never long without a pass' },
  ])('$why', ({ msPerBlock, ms }) => expect(nextPassMs(msPerBlock)).toBe(ms))
})
