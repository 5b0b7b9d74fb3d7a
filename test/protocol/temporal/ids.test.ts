import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../../../protocol/base/ranges.ts'
import {
  joinStatements,
  type Statement,
  StatementsNotAdjacentError,
  statementRange,
} from '../../../protocol/proof/statement.ts'
import { proofTaskId } from '../../../protocol/proof/task.ts'
import * as ids from '../../../protocol/temporal/ids.ts'

describe('workflow ids', () => {
  test('are these, because running workflows are found by them', () => {
    const miner = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'
    const sequence = { rollup: 'pay', from: 4, to: 6 }
    expect([
      ids.chainWorkflowId(31337),
      ids.rollupWorkflowId('pay'),
      ids.sequenceWorkflowId(sequence),
      ids.proveRangeWorkflowId({ ...sequence, accInputHash: '0x0123456789abcdef' }, '0x0123456789abcdef'),
      ids.senderWorkflowId(31337, miner),
    ]).toEqual([
      'chain/31337',
      'rollup/pay',
      'sequence/pay/4-6',
      'prove/pay/4-6/01234567',
      'sender/31337/0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    ])
  })

  test('parseSequenceWorkflowId(sequenceWorkflowId(key)) ≡ key', () => {
    const key = fc.record({ rollup: fc.stringMatching(/^[a-z0-9-]{1,20}$/), from: fc.nat(), to: fc.nat() })
    fc.assert(
      fc.property(key, (k) => {
        expect(ids.parseSequenceWorkflowId(ids.sequenceWorkflowId(k))).toEqual(k)
      }),
    )
  })

  test.each([
    'rollup/pay',
    'sequence/pay',
    'sequence/pay/4',
    'sequence/a/b/4-6',
    'sequence//4-6',
    'x/sequence/pay/4-6',
    'sequence/pay/4-6/x',
  ])('%s is no sequence', (id) => expect(ids.parseSequenceWorkflowId(id)).toBeUndefined())
})

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

describe('the identity of a proof', () => {
  const [statement] = chainOf(1) as [Statement]
  const identity = {
    chainId: 1,
    contract: '0xAb',
    stage: 'batch',
    statement,
    verificationKeyHash: '0x01',
    miner: null,
  } as const
  const id = proofTaskId(identity)

  test('is this, because stored proofs are found by it', () =>
    expect(id).toBe('0x88f60b61c303b2719cb12ffb123cff97aac894a8a32ebeddd3d12b4315bd20ca'))
  test('does not depend on the case of the contract', () =>
    expect(proofTaskId({ ...identity, contract: '0xaB' })).toBe(id))
  test('does not depend on the order of keys', () =>
    expect(
      proofTaskId({
        ...identity,
        statement: Object.fromEntries(Object.entries(statement).reverse()) as unknown as Statement,
      }),
    ).toBe(id))

  test.each([
    { change: { chainId: 2 }, why: 'base chain' },
    { change: { contract: '0xac' }, why: 'contract' },
    { change: { stage: 'aggregate' }, why: 'stage' },
    { change: { verificationKeyHash: '0x02' }, why: 'circuit or SRS' },
    { change: { miner: '0x01' }, why: 'miner' },
    ...Object.keys(statement).map((key) => ({
      change: { statement: { ...statement, [key]: '0x77' } as Statement },
      why: key,
    })),
  ] as const)('changes with $why', ({ change }) => expect(proofTaskId({ ...identity, ...change })).not.toBe(id))
})

// Helpers

/** Statements of batches 1, 2, … that meet. */
function chainOf(count: number): Statement[] {
  const hex = (kind: string, n: number): Hex => `0x${kind}${n}`
  return Array.from({ length: count }, (_, i) => ({
    oldStateRoot: hex('a', i),
    newStateRoot: hex('a', i + 1),
    oldAccInputHash: hex('b', i),
    newAccInputHash: hex('b', i + 1),
    oldBatchNum: i,
    newBatchNum: i + 1,
    chainId: '1',
    forkId: '7',
  }))
}
