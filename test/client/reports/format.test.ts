import { describe, expect, test } from 'vitest'
import { formatTable, toJson } from '../../../client/reports/format.ts'
import { parseSequenceId } from '../../../client/targets.ts'

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
