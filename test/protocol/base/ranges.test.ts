import { expect, test } from 'vitest'
import { isSameAddress } from '../../../protocol/base/ranges.ts'

test.each([
  ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', true],
  ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266', true],
  ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
  [null, '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
  [undefined, '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
])('%s and %s are the same account: %s', (a, b, isSame) => {
  expect(isSameAddress(a, b)).toBe(isSame)
})
