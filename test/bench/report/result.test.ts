import { expect, test } from 'vitest'
import { BenchResultError } from '../../../bench/report/errors.ts'
import { readResult } from '../../../bench/report/result.ts'

const GOOD = {
  ...{ format: 1, benchmark: 'small', method: 'nothing is measured', command: 'npm run bench -- small' },
  date: '2026-11-30',
  machine: {
    ...{ cpu: 'abacus', cores: 2, memoryGiB: 1, system: 'wood', node: 'v24', versions: {} },
    ...{ revision: 'def5678', loadBefore: 0.5 },
  },
  ...{ loadAfter: 1.5, settings: { tries: 20 }, against: null, rounds: [{ ours: { ms: 1 }, theirs: null }] },
  summary: [{ figure: 'ms', median: 1, lowest: 1, highest: 1, against: null, ratio: null }],
}

test('what --json writes is read', () => {
  expect(readResult('small.json', JSON.stringify(GOOD))).toEqual(GOOD)
})

test.each([
  { what: 'no JSON', text: '{', says: 'JSON' },
  { what: 'another kind of file', text: '[]', says: 'its format is not named, not 1' },
  { what: 'a later format', text: JSON.stringify({ ...GOOD, format: 2 }), says: 'its format is 2, not 1' },
  { what: 'a figure that is no number', text: changed({ loadAfter: 'busy' }), says: 'loadAfter' },
  { what: 'no rounds', text: changed({ rounds: [] }), says: 'rounds' },
  { what: 'more than the format has', text: changed({ hostname: 'secret' }), says: 'hostname' },
  {
    what: 'a machine without its load',
    text: changed({ machine: { ...GOOD.machine, loadBefore: null } }),
    says: 'machine.loadBefore',
  },
  { what: 'no day', text: changed({ date: 'yesterday' }), says: 'date' },
])('$what is refused, with the file and what is wrong', ({ text, says }) => {
  const read = () => readResult('small.json', text)
  expect(read).toThrow(BenchResultError)
  expect(read).toThrow('small.json')
  expect(read).toThrow(says)
})

function changed(parts: object): string {
  return JSON.stringify({ ...GOOD, ...parts })
}
