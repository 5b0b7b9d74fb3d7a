import { poseidon2Hash } from '@zkpassport/poseidon2'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELD } from '../../../kinds/payments/poseidon2/parameters.ts'
import { instantiate } from '../../../kinds/payments/poseidon2/permutation.ts'
import { createFast, type HashMany, hashMany } from '../../../kinds/payments/poseidon2/poseidon2.ts'

/** Another implementation, on BigInts. */
const reference: HashMany = (lists) => lists.map((list) => poseidon2Hash([...list]))

const fast = createFast(instantiate, reference)

describe('hashing in WebAssembly', () => {
  test('is what BigInts say, for any numbers of the field, lists of any length, and any number of them', () => {
    if (fast === undefined) throw new Error('This machine has no fused multiplication, or its Node no relaxed SIMD.')
    fc.assert(
      fc.property(anyLists, (lists) => {
        expect(fast(lists)).toEqual(reference(lists))
      }),
      { numRuns: 60 },
    )
  })

  test.each([0n, 1n, FIELD - 1n, FIELD >> 1n, (1n << 51n) - 1n, 1n << 51n, (1n << 204n) - 1n, (1n << 253n) - 1n])(
    'is what BigInts say of lists of %s alone, beside others',
    (value) => {
      const lists = [
        [value, value],
        [FIELD - 1n, 0n],
      ]
      expect(fast?.(lists)).toEqual(reference(lists))
      expect(fast?.(lists.toReversed())).toEqual(reference(lists.toReversed()))
    },
  )

  test('leaves nothing for the next lists', () => {
    const lists = [
      [5n, 6n, 7n],
      [8n, 9n, 10n],
      [11n, 12n, 13n],
    ]
    const short = [[5n], [6n]]
    expect([fast?.(lists), fast?.(short), fast?.(lists)]).toEqual([lists, short, lists].map(reference))
  })

  test('is left to BigInts where the engine doesn’t know the instructions', () => {
    expect(createFast(() => undefined, reference)).toBeUndefined()
  })

  test('is left to BigInts where it is wrong, as on a processor that rounds twice', () => {
    // relaxed_madd becomes relaxed_nmadd: the module is valid, and its products are others
    const change = (bytes: Uint8Array) =>
      bytes.map((byte, i) => (byte === 0x87 && bytes[i - 1] === 0xfd && bytes[i + 1] === 0x02 ? 0x88 : byte))
    expect(createFast((bytes) => instantiate(change(bytes)), reference)).toBeUndefined()
  })
})

test('the product hashes as BigInts do', () => {
  expect(hashMany([[1n, 2n]])).toEqual(reference([[1n, 2n]]))
  expect(hashMany([])).toEqual([])
})

// Helpers

const anyElement = fc.bigInt({ min: 0n, max: FIELD - 1n })
const anyLists = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 5 })).chain(([length, count]) => {
  const list = fc.array(anyElement, { minLength: length, maxLength: length })
  return fc.array(list, { minLength: count, maxLength: count })
})
