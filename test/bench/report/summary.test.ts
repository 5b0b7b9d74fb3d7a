import { expect, test } from 'vitest'
import { summarize, tableOf } from '../../../bench/report/summary.ts'

test('figures are compared pair by pair: a machine that grows slower favours neither build', () => {
  const rounds = [
    { ours: { 'ms a batch': 10 }, theirs: { 'ms a batch': 20 } },
    { ours: { 'ms a batch': 30 }, theirs: { 'ms a batch': 60 } },
    { ours: { 'ms a batch': 200 }, theirs: { 'ms a batch': 100 } },
  ]
  expect(summarize(rounds)).toEqual([
    { figure: 'ms a batch', median: 30, lowest: 10, highest: 200, against: 60, ratio: 0.5 },
  ])
})

test('of an even number of rounds the median lies between the two in the middle', () => {
  const [row] = summarize([1, 2, 4, 100].map((ms) => ({ ours: { ms }, theirs: null })))
  expect(row).toEqual({ figure: 'ms', median: 3, lowest: 1, highest: 100, against: null, ratio: null })
})

test('a figure that the other build lacks is not compared', () => {
  const rows = summarize([{ ours: { old: 1, new: 2 }, theirs: { old: 4 } }])
  expect(rows.map(({ figure, ratio }) => [figure, ratio])).toEqual([
    ['old', 0.25],
    ['new', null],
  ])
  expect(tableOf(rows, 'abc123')).toEqual([
    '| figure | median | range | at abc123 | ratio |',
    '| --- | --- | --- | --- | --- |',
    '| old | 1 | 1 to 1 | 4 | 0.250 |',
    '| new | 2 | 2 to 2 | - | - |',
  ])
})

test('nothing is no measure of anything', () => {
  const rows = summarize([{ ours: { a: 0, b: 3 }, theirs: { a: 0, b: 0 } }])
  expect(rows.map(({ against, ratio }) => [against, ratio])).toEqual([
    [0, null],
    [0, null],
  ])
})
