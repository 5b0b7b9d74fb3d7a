import fc from 'fast-check'
import { type PublicClient, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { createListReader } from '../../../chain/contract/read-rollup.ts'
import type { Endpoints, StateReader } from '../../../chain/endpoints/endpoints.ts'
import { createSightings } from '../../../chain/endpoints/sightings.ts'
import { hash } from '../../db/fixtures.ts'

// The tests count the agreements that a list takes of which nothing is known: each waits for the one before it.

const CONTRACT = '0x00000000000000000000000000000000000000aa'

test.each([
  { sequences: 1, most: 1 },
  { sequences: 100, most: 8 },
  { sequences: 2_100, most: 20 },
  { sequences: 10_000, most: 50 },
])('$sequences sequences of three batches: $most at most', async ({ sequences, most }) => {
  const rollup = modelOf(Array.from({ length: sequences }, () => 3))
  expect(await rollup.list(0)).toEqual(rollup.posted)
  expect(rollup.walked()).toBeLessThanOrEqual(most)
})

test('sequences of whatever sizes, down to any floor: each is found, with a question for each at most', async () => {
  const law = fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 60 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    async (sizes, part) => {
      const rollup = modelOf(sizes)
      const floor = Math.floor(part * sizes.reduce((sum, size) => sum + size, 0))
      expect(await rollup.list(floor)).toEqual(rollup.posted.filter(({ to }) => to > floor))
      expect(rollup.walked()).toBeLessThanOrEqual(sizes.length)
    },
  )
  await fc.assert(law)
})

test('an endpoint that tells of the next one alone makes a walk longer, and no shorter', async () => {
  const rollup = modelOf([2, 2, 2, 2, 2, 2], { tellsOneAtMost: true })
  expect(await rollup.list(0)).toEqual(rollup.posted)
})

/** Makes a contract with sequences of so many batches, at endpoints that agree. */
function modelOf(sizes: readonly number[], { tellsOneAtMost = false } = {}) {
  let last = 0
  const posted = sizes.map((size) => {
    last += size
    return { from: last - size + 1, to: last, accInputHash: hash(last) }
  })
  const noted = (to: bigint) => {
    const sequence = posted.find((one) => one.to === Number(to))
    return sequence === undefined
      ? [zeroHash, 0n, 0n, 0n, false]
      : [sequence.accInputHash, 1n, BigInt(sequence.from - 1), 0n, false]
  }
  const client = {
    readContract: async ({ functionName, args }: { functionName: string; args?: [bigint] }) =>
      args === undefined ? (functionName === 'lastBatchSequenced' ? BigInt(last) : 0n) : noted(args[0]),
    multicall: async ({ contracts }: { contracts: { args: [bigint] }[] }) =>
      contracts.map(({ args }) => noted(args[0])),
  }
  let agreements = 0
  const reader: StateReader = {
    agreeAt: async (_block, what, act) => {
      if (tellsOneAtMost && what.startsWith('the sequences')) throw new Error('They disagree.')
      if (what.startsWith('the sequence')) agreements += 1
      return act(client as unknown as PublicClient, { blockHash: hash(1) })
    },
  }
  const lists = createListReader({ ...reader, past: reader } as Endpoints, createSightings())
  return {
    posted,
    list: (floor: number) => lists.listAt(CONTRACT, { number: 1, hash: hash(1) }, floor),
    walked: () => agreements,
  }
}
