import { expect, test } from 'vitest'
import { word } from './healthy-facts.ts'
import { madeProofs } from './read-files.ts'

test("a prover's log tells which proofs its process lived on to store", () => {
  const line = (time: number, msg: string) => JSON.stringify({ time, name: 'p', workflowId: 'sequence/r/1-2', msg })
  const made = (task: number) => `made batch 1 of r in 300 ms, task ${word(task)}`
  const log = [
    line(1, 'prover is ready'),
    line(500, made(1)),
    line(900, made(2)),
    'no JSON',
    line(950, 'prover is ready'),
    line(2_000, made(3)),
  ]
  const told = madeProofs(log.join('\n'))
  expect(told.map(({ taskId, livedOn }) => [taskId, livedOn])).toEqual([
    [word(1), true], // it made another
    [word(2), false], // it was killed, perhaps before it could store it
    [word(3), true], // it runs
  ])
  expect(told[0]).toMatchObject({ prover: 'p', workflowId: 'sequence/r/1-2', atMs: 500, beganAtMs: 200 })
})
