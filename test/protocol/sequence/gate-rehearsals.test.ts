import { describe, expect, test } from 'vitest'
import { blockedCommit } from '../../../protocol/sequence/commit-gate.ts'
import type { Rehearsal } from '../../../protocol/sequence/view.ts'
import { checkGate, REHEARSAL } from './gate-cases.ts'
import { view } from './views.ts'

describe('no hash goes out whose proof could not', () => {
  const rehearsed = (change: Partial<Rehearsal>) => view({ rehearsal: { ...REHEARSAL, ...change } })
  checkGate([
    { at: rehearsed({}), condition: null, why: 'both run, within all bounds' },
    {
      at: rehearsed({ reverts: { step: 'commit', why: 'X' } }),
      condition: 'hash-reverts',
      untilBlock: 101,
      why: 'the hash would revert',
    },
    {
      at: rehearsed({ reverts: { step: 'prove', why: 'X' } }),
      condition: 'proof-reverts',
      untilBlock: 101,
      why: 'its proof would',
    },
    {
      at: rehearsed({ commitGas: null }),
      condition: 'gas-unknown',
      untilBlock: 101,
      why: 'nobody tells what the hash takes',
    },
    { at: rehearsed({ proofGas: null }), condition: 'gas-unknown', untilBlock: 101, why: 'nor what its proof does' },
    {
      at: rehearsed({ mostGas: '299' }),
      condition: 'gas-above-limit',
      untilBlock: 101,
      why: 'the proof takes more gas than blocks have',
    },
    { at: rehearsed({ mostGas: '300' }), condition: null, why: 'it takes exactly that much' },
    {
      at: rehearsed({ feeCapWei: '5999' }),
      condition: 'fee-cap-low',
      untilBlock: 101,
      why: 'at twice the base fee it costs too much',
    },
    { at: rehearsed({ feeCapWei: '6000' }), condition: null, why: 'at twice the base fee endpoints still take it' },
    {
      at: rehearsed({ mostBytes: 512 }),
      condition: 'proof-too-large',
      untilBlock: null,
      why: 'pools take no transaction of that size',
    },
  ])

  test('and the reason is told', () => {
    expect(blockedCommit(rehearsed({ reverts: { step: 'prove', why: 'SlotPaused' } }), 100)?.why).toBe(
      'its proof would revert: SlotPaused',
    )
    expect(blockedCommit(rehearsed({ mostGas: '299' }), 100)?.why).toBe(
      'its proof takes 300 gas, and a transaction may have 299 (`maxGas`, or what blocks have)',
    )
  })
})
