import { poseidon2Hash } from '@zkpassport/poseidon2'
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'
import { loadFastHash, poseidon2 } from '../../../kinds/payments/poseidon2.ts'

const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

/** Counts what is hashed on BigInts. */
vi.mock(import('@zkpassport/poseidon2'), async (original) => {
  const real = await original()
  return { ...real, poseidon2Hash: vi.fn(real.poseidon2Hash) }
})

let onBigInts: bigint
beforeAll(async () => {
  onBigInts = poseidon2([1n, 2n])
  await loadFastHash()
})

test('bb.js hashes as BigInts do, numbers of the field in lists of any length', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyElement, { maxLength: 7 }), { maxLength: 4 }), (lists) => {
      const expected = lists.map((list) => poseidon2Hash(list))
      vi.mocked(poseidon2Hash).mockClear()
      expect(lists.map(poseidon2)).toEqual(expected)
      expect(poseidon2Hash).not.toHaveBeenCalled()
    }),
    { numRuns: 100 },
  )
})

test('what was hashed before it was loaded is the same', () => {
  expect(poseidon2([1n, 2n])).toBe(onBigInts)
})

const anyElement = fc.oneof(
  fc.bigInt({ min: 0n, max: FIELD - 1n }),
  fc.constantFrom(0n, 1n, FIELD - 1n, FIELD >> 1n, (1n << 128n) - 1n, 1n << 253n),
)
