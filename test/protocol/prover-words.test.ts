import { expect, test } from 'vitest'
import { proverWords } from '../../protocol/prover-words.ts'

const HONEST = { prover: 'machine-1', durationMs: 1_200, peakMemoryBytes: 2 ** 53 - 1 }

test('what an honest prover says stays as it is, in whole numbers', () => {
  expect(proverWords(HONEST)).toEqual(HONEST)
  expect(proverWords({ ...HONEST, durationMs: 1.6 })).toEqual({ ...HONEST, durationMs: 2 })
})

test.each([-1, -0.2, 2 ** 53, 2 ** 63, Number.NaN, Number.POSITIVE_INFINITY, '12', null, undefined, {}, [7]])(
  'a figure of %s is none',
  (figure) => {
    expect(proverWords({ ...HONEST, durationMs: figure, peakMemoryBytes: figure })).toEqual({
      ...HONEST,
      durationMs: 0,
      peakMemoryBytes: 0,
    })
  },
)

test.each([
  { name: 'a\u001b]0;owned\u0007b\nc', plain: 'a ]0;owned b c', why: 'no escape sequence, on one line' },
  { name: 'a\u202eb\u0000', plain: 'a b', why: 'nothing that turns text around, nothing that Postgres refuses' },
  { name: 'x'.repeat(5_000), plain: `${'x'.repeat(199)}…`, why: 'as long as the tables take' },
  { name: ' \u0007', plain: '(unnamed)', why: 'something to read' },
  { name: undefined, plain: '(unnamed)', why: 'not said' },
  { name: { toString: 'no' }, plain: '(unnamed)', why: 'no text' },
])('a name is fit for tables and terminals: $why', ({ name, plain }) => {
  expect(proverWords({ ...HONEST, prover: name })).toEqual({ ...HONEST, prover: plain })
})
