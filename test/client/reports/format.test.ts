import { describe, expect, test } from 'vitest'
import { formatTable, toJson } from '../../../client/reports/format.ts'
import { parseSequenceId } from '../../../client/targets.ts'
import { formatAge, formatBytes, formatDuration } from '../../../protocol/base/units.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [12_345, '12.3 s'],
  [59_949, '59.9 s'],
  [59_950, '1 min 00 s'],
  [245_000, '4 min 05 s'],
  [3_600_000, '1 h 00 min'],
  [7_380_000, '2 h 03 min'],
])('%d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [14_592, '14.6 kB'],
  [1_900_000_000, '1.9 GB'],
])('%d bytes read %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test("a clock that is behind the database's shows no negative age", () => {
  expect(formatAge('2026-01-01T00:00:05.000Z', Date.parse('2026-01-01T00:00:00Z'))).toBe('0 ms ago')
})

test('a table has no lines, and nothing behind its last column', () => {
  expect(
    formatTable(
      ['a', 'long title'],
      [
        ['value', 'x'],
        ['', 'longer than that'],
      ],
    ),
  ).toBe('A      LONG TITLE\nvalue  x\n       longer than that\n')
})

test('big numbers are decimal strings in JSON', () =>
  expect(JSON.parse(toJson({ gas: 2n ** 70n }))).toEqual({ gas: `${2n ** 70n}` }))

describe('the id of a sequence', () => {
  test.each(['sequence/payments-a/4-6', 'payments-a/4-6'])('%s', (id) => {
    expect(parseSequenceId(id)).toEqual({ rollup: 'payments-a', from: 4, to: 6 })
  })

  test('one batch may be named as lists show it', () =>
    expect(parseSequenceId('payments/4')).toEqual({ rollup: 'payments', from: 4, to: 4 }))

  test.each(['payments', 'payments/0', 'payments/6-4', 'rollup/payments/1-2', 'payments/1-2/0xab', '/1-2', ''])(
    'not %j',
    (id) => {
      expect(() => parseSequenceId(id)).toThrow('is not the id of a sequence')
    },
  )
})
