import { expect, test } from 'vitest'
import { createBlockMemo } from '../../../chain/endpoints/memo.ts'
import type { Address } from '../../../protocol/base/ranges.ts'
import { hash } from '../../db/fixtures.ts'

const contractOf = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`

/** Makes a memo that counts what it has to ask. */
function scene() {
  const memo = createBlockMemo<number>()
  let asked = 0
  return {
    asked: () => asked,
    ask: (contract: number, block: number, key: string, answer: () => Promise<number> = async () => block) =>
      memo({ contract: contractOf(contract), at: { number: 7, hash: hash(block) } }, key, () => {
        asked += 1
        return answer()
      }),
  }
}

test('however many sequences and rollups ask at a block, each question is asked once', async () => {
  const { ask, asked } = scene()
  const questions = Array.from({ length: 64 * 20 * 12 }, (_, i) => ({ contract: i % 64, key: `${i}` }))
  for (let look = 0; look < 2; look += 1) {
    for (const { contract, key } of questions) await ask(contract, 1, key)
  }
  expect(asked()).toBe(questions.length)
})

test('a block of the same number with another hash is another block', async () => {
  const { ask } = scene()
  expect(await ask(1, 1, 'state')).toBe(1)
  expect(await ask(1, 2, 'state')).toBe(2)
  expect(await ask(1, 1, 'state')).toBe(1)
})

test('the eight blocks that were asked about last are remembered, of each contract', async () => {
  const { ask, asked } = scene()
  for (let block = 1; block <= 9; block += 1) await ask(1, block, 'state')
  await ask(2, 100, 'state')
  const before = asked()
  for (let block = 2; block <= 9; block += 1) await ask(1, block, 'state')
  await ask(2, 100, 'state')
  expect(asked()).toBe(before)
  await ask(1, 1, 'state')
  expect(asked()).toBe(before + 1)
})

test('what failed is asked again', async () => {
  const { ask, asked } = scene()
  await expect(ask(1, 1, 'state', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await ask(1, 1, 'state')).toBe(1)
  expect(asked()).toBe(2)
})
