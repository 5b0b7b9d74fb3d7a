import { expect, test } from 'vitest'
import { gasLimitFor } from '../../../chain/trials/gas.ts'

test('a gas limit grows with the calldata, at least by its floor (EIP-7623)', () => {
  expect(gasLimitFor(0, 0n)).toBe(21_000n)
  expect(gasLimitFor(1_000, 5_000_000n)).toBe(21_000n + 16_000n + 5_000_000n)
  expect(gasLimitFor(1_000_000, 5_000_000n)).toBe(21_000n + 40_000_000n)
})
