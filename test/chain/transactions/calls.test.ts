import { describe, expect, test } from 'vitest'
import { intentCalldata } from '../../../chain/transactions/calls.ts'
import type { SequenceIntent } from '../../../protocol/sender/intent.ts'

const contract = '0xdddddddddddddddddddddddddddddddddddddddd'

describe('a transaction', () => {
  const intent: SequenceIntent = {
    accInputHash: `0x${'aa'.repeat(32)}`,
    ...{ rollup: 'pay', from: 4, to: 6, step: 'commit', contract, firstBlock: 0, lastBlock: null },
    finalProof: { sha256: `0x${'01'.repeat(32)}`, size: 4, proofHash: `0x${'02'.repeat(32)}` },
  }
  const parts = {
    proof: Uint8Array.of(1, 2, 3, 4),
    newStateRoot: `0x${'03'.repeat(32)}`,
    newLocalExitRoot: `0x${'00'.repeat(32)}`,
  } as const

  // By docs/protocol.md#two-steps initNumBatch is the last batch before the sequence. These bytes change only if the
  // contracts do.
  test.each<[Partial<SequenceIntent>, string]>([
    [{}, `0x1806a037${word(3)}${word(6)}${'02'.repeat(32)}`],
    [
      { step: 'prove' },
      `0xf05b688a${word(3)}${word(6)}${'00'.repeat(32)}${'03'.repeat(32)}${word(0xa0)}${word(4)}01020304${'00'.repeat(28)}`,
    ],
    [{ step: 'claim', finalProof: null }, `0x7a70a07b${word(0x20)}${word(1)}${word(6)}`],
  ])('calldata of %o', (change, calldata) => {
    const data = intentCalldata({ ...intent, ...change }, parts)
    if (change.step === 'claim') expect(data.slice(10)).toBe(calldata.slice(10))
    else expect(data).toBe(calldata)
    const { step } = { ...intent, ...change }
    if (step === 'prove') expect(intentCalldata({ ...intent, step: 'prove-late' }, parts)).toBe(data)
  })

  test('without the proof it needs there is none', () => {
    expect(() => intentCalldata({ ...intent, step: 'prove' }, null)).toThrow(
      expect.objectContaining({ name: 'InvalidIntentError' }),
    )
    expect(() => intentCalldata({ ...intent, finalProof: null }, null)).toThrow(
      expect.objectContaining({ name: 'InvalidIntentError' }),
    )
  })
})

function word(n: number): string {
  return n.toString(16).padStart(64, '0')
}
