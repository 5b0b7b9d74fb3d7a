import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  joinStatements,
  type Statement,
  StatementsNotAdjacentError,
  statementRange,
} from '../../../protocol/proof/statement.ts'
import { chainOf } from './statements.ts'

describe('statements', () => {
  test('join from end to end, whatever the cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 11 }), (count, at) => {
        const all = chainOf(count)
        const cut = Math.min(at, count - 1)
        const whole = joinStatements(all)
        expect(statementRange(whole)).toEqual({ from: 1, to: count })
        if (cut > 0)
          expect(joinStatements([joinStatements(all.slice(0, cut)), joinStatements(all.slice(cut))])).toEqual(whole)
      }),
    )
  })

  test('of nothing is an error', () => expect(() => joinStatements([])).toThrow(StatementsNotAdjacentError))

  test.each([
    { change: { oldStateRoot: '0x99' }, why: 'roots must meet' },
    { change: { oldAccInputHash: '0x99' }, why: 'accumulated hashes must meet' },
    { change: { oldBatchNum: 9 }, why: 'batch numbers must meet' },
    { change: { chainId: '2' }, why: 'one chain' },
    { change: { forkId: '8' }, why: 'one fork' },
  ] as const)('$why', ({ change }) => {
    const [left, right] = chainOf(2) as [Statement, Statement]
    expect(() => joinStatements([left, { ...right, ...change }])).toThrow(StatementsNotAdjacentError)
  })
})
