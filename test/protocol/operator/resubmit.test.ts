import { expect, test } from 'vitest'
import { checkResubmit } from '../../../protocol/operator/resubmit.ts'
import type { Step } from '../../../protocol/sequence/next-step.ts'

const WHO = { who: 'ann', reason: 'the pool forgot it' }
const WAIT: Step = { kind: 'wait', code: 'finality', why: 'waiting for the block to become final', untilBlock: null }

test.each<{ step: Step | null; isResubmitting?: boolean; refusal: string | null; why: string }>([
  { step: WAIT, refusal: null, why: 'the chain may say otherwise by now' },
  { step: { kind: 'commit', firstBlock: 1, lastBlock: null }, refusal: null, why: 'the hash may be missing' },
  {
    step: { kind: 'prove', firstBlock: 1, lastBlock: 2, isLate: false },
    refusal: null,
    why: 'the proof may be missing',
  },
  { step: { kind: 'claim' }, refusal: null, why: 'the claim may be missing' },
  { step: null, refusal: "hasn't looked", why: 'the first look does the same' },
  {
    step: { kind: 'reprove', why: 'none is stored' },
    refusal: 'none is stored',
    why: 'without a proof nothing can be sent',
  },
  { step: { kind: 'done', outcome: 'proved' }, refusal: 'ended as proved', why: 'it is over' },
  { step: WAIT, isResubmitting: true, refusal: 'An earlier request', why: 'one at a time' },
])('a request is heard or refused: $why', ({ step, isResubmitting = false, refusal }) => {
  const check = () => checkResubmit(WHO, { step, isResubmitting })
  if (refusal === null) expect(check).not.toThrow()
  else expect(check).toThrow(refusal)
})

test('a request says who asks and why', () => {
  expect(() => checkResubmit({ ...WHO, who: '' }, { step: WAIT, isResubmitting: false })).toThrow('who')
})
