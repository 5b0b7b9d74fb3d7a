import { expect, test } from 'vitest'
import { createReplays } from '../../../workers/execution/replays.ts'
import { hash } from '../../db/fixtures.ts'
import { probe } from './probe-kind.ts'

const { module } = probe
const stateAt = (batchNum: number) => ({ batchNum, stateRoot: hash(batchNum), accInputHash: hash(batchNum) })

test('of the states that nobody works on the last eight are kept', async () => {
  const replays = createReplays(async () => probe)
  const start = (batchNum: number, snapshot?: Uint8Array) =>
    replays.start({ module, replay: batchNum, from: stateAt(batchNum), ...(snapshot && { snapshot }) })
  for (let i = 1; i <= 10; i++) {
    expect(await start(i)).toBe(false)
    expect(await start(i, Uint8Array.of(i))).toBe(true)
    await replays.end({ module, replay: i })
  }
  const known = [1, 2, 3, 9, 10].map(async (i) => ((await start(i)) ? [i] : []))
  expect((await Promise.all(known)).flat()).toEqual([3, 9, 10])
})

test('a replay that is unknown here is said to be none', async () => {
  await expect(createReplays().snapshot({ replay: 5 })).rejects.toThrow('no replay 5')
})
