import { expect, test } from 'vitest'
import { heardReport, proverWords } from '../../../protocol/proof/prover-words.ts'

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

const REFERENCE = { sha256: `0x${'ab'.repeat(32)}`, size: 16_384 }
const NONE = { sha256: '(none)', size: 0, prover: '(unnamed)', durationMs: 0, peakMemoryBytes: 0 }

test('a report of an honest prover stays as it is, and nothing comes with it', () => {
  expect(heardReport({ ...REFERENCE, ...HONEST })).toEqual({ ...REFERENCE, ...HONEST })
  expect(heardReport({ ...REFERENCE, ...HONEST, late: REFERENCE, kind: 'late' })).toEqual({ ...REFERENCE, ...HONEST })
})

test.each([
  null,
  undefined,
  'late',
  7,
  true,
  [],
  [REFERENCE],
  new Uint8Array(7),
  { sha256: { toString: 1 }, size: [1] },
])('a report of %j says nothing', (report) => {
  expect(heardReport(report)).toEqual(NONE)
})

test('a report is short, however long it was', () => {
  const long = 'x'.repeat(2_000_000)
  expect(JSON.stringify(heardReport({ sha256: long, size: 1, prover: long, durationMs: long })).length).toBeLessThan(
    500,
  )
})
