import { expect, test } from 'vitest'
import type { Step } from '../../protocol/next-step.ts'
import { nextLookMs } from '../../protocol/wake-up.ts'

const wait = (untilBlock: number | null): Step => ({ kind: 'wait', code: 'finality', why: '', untilBlock })

test.each([
  { step: wait(110), owesProof: false, ms: 10_000, why: 'ten blocks of a second' },
  { step: wait(110), owesProof: true, ms: 5_000, why: 'with a hash out half of it, against fast chains and lost signals' },
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
