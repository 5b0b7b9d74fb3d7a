import { expect, test } from 'vitest'
import {
  isCuredAnew,
  mayBeTooLow,
  type NodesAnswer,
  nodesRefusalText,
  REFUSALS,
} from '../../../protocol/sender/nodes-answer.ts'

test.each<[NodesAnswer, { isCured: boolean; isLow: boolean }]>([
  ['accepted', { isCured: false, isLow: false }],
  ['unanswered', { isCured: false, isLow: false }],
  ['nonce-used', { isCured: false, isLow: false }],
  ['insufficient-funds', { isCured: false, isLow: false }],
  ['fee-cap', { isCured: true, isLow: false }],
  ['type-unsupported', { isCured: true, isLow: false }],
  ['gas-limit', { isCured: true, isLow: false }],
  ['too-large', { isCured: false, isLow: false }],
  ['underpriced', { isCured: false, isLow: true }],
  ['refused', { isCured: false, isLow: true }],
])('%s: signed in another form at once, or offered more? %o', (answer, { isCured, isLow }) => {
  expect({ isCured: isCuredAnew(answer), isLow: mayBeTooLow(answer) }).toEqual({ isCured, isLow })
})

test('each refusal has words of its own, and nothing else has any', () => {
  expect(new Set(REFUSALS.map(nodesRefusalText)).size).toBe(REFUSALS.length)
  for (const answer of ['accepted', 'unanswered', null, undefined] as const) expect(nodesRefusalText(answer)).toBeNull()
})
