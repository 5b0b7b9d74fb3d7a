import { expect, test } from 'vitest'
import { coins, formatAge, formatBytes, formatDuration, formatFee } from '../../../protocol/base/units.ts'

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

test.each([
  ['0', '0'],
  ['1', '0.000000000000000001'],
  ['1500000000000000000', '1.5'],
  [10n ** 21n, '1000'],
])('%s wei are %s coins', (wei, text) => expect(coins(wei)).toBe(text))

test.each([
  [0n, '0 gwei'],
  [1n, '0.000000001 gwei'],
  [25_500_000_000n, '25.5 gwei'],
])('%s wei per gas read %s', (wei, text) => expect(formatFee(wei)).toBe(text))
