import { describe, expect, test } from 'vitest'
import type { Statement } from '../../../protocol/proof/statement.ts'
import { proofTaskId } from '../../../protocol/proof/task.ts'
import { chainOf } from './statements.ts'

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
