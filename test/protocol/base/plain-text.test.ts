import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from '../../../protocol/base/plain-text.ts'

test.each([
  ['stays as it is', 'the circuit is not satisfied', 'the circuit is not satisfied'],
  ['comes on one line', ' first\r\nsecond\u2028third ', 'first second third'],
  ['loses escape sequences', 'a\u001b[31mred', 'a [31mred'],
  ['loses NUL, which Postgres refuses', 'a\0b', 'a b'],
  ['loses marks that turn the direction of writing', 'a\u202eb', 'a b'],
  ['loses half a character', 'a\ud83db', 'a b'],
])('text from outside %s', (_, text, plain) => expect(plainText(text)).toBe(plain))

test.each([
  [5, 'abcde', 'abcde'],
  [5, 'abcdef', 'abcd…'],
  [5, 'abc😀f', 'abc…'], // it isn't cut through the middle of a character
])('cut to %i characters, %s is %s', (length, text, plain) => expect(plainText(text, length)).toBe(plain))

test('whatever comes, it is fit for a row and no longer than told', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.integer({ min: 1, max: 50 }), (text, length) => {
      const plain = plainText(text, length)
      expect(plain.length).toBeLessThanOrEqual(length)
      expect(plain).not.toMatch(/[\p{Cc}\p{Cs}]/u)
    }),
  )
})
