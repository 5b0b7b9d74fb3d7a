import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
