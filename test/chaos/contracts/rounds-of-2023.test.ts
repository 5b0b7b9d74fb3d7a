import { expect, test } from 'vitest'
import { type RoundEvent, roundsOf } from './rounds-of-2023.ts'

// T1 is 8 and T2 is 20, so a round of block 100 has its last block at 128. The rules are in
// docs/protocol.md#rounds-and-windows-of-2023.

const WINDOWS = { commitBlocks: 8, proveBlocks: 20 }

const hash = (block: number, to = 1): RoundEvent => ({ kind: 'hash', block, to })
const verified = (block: number, to = 1): RoundEvent => ({ kind: 'verified', block, to })
const windows = (block: number, changed: Partial<typeof WINDOWS>): RoundEvent => ({ kind: 'windows', block, changed })

test.each<{ why: string; events: RoundEvent[]; rounds: string[] }>([
  { why: 'a first hash opens one', events: [hash(100)], rounds: ['1: 100-128'] },
  { why: 'a second hash joins it', events: [hash(100), hash(108)], rounds: ['1: 100-128'] },
  { why: 'in its last block no other begins', events: [hash(100), hash(128)], rounds: ['1: 100-128'] },
  { why: 'a hash after its end opens another', events: [hash(100), hash(129)], rounds: ['1: 100-128', '1: 129-157'] },
  { why: 'none follows one that was proved', events: [hash(100), verified(110), hash(200)], rounds: ['1: 100-128'] },
  {
    why: 'each sequence has its own',
    events: [hash(100), hash(101, 2), verified(110)],
    rounds: ['1: 100-128', '2: 101-129'],
  },
  {
    why: 'longer windows hold for the open one',
    events: [hash(100), windows(120, { proveBlocks: 30 })],
    rounds: ['1: 100-138'],
  },
  { why: 'so do shorter ones', events: [hash(100), windows(120, { proveBlocks: 14 })], rounds: ['1: 100-122'] },
  {
    why: 'shorter ones may end it at once',
    events: [hash(100), windows(120, { proveBlocks: 2 })],
    rounds: ['1: 100-119'],
  },
  {
    why: 'it begins anew where shorter ones have ended it',
    events: [hash(100), windows(120, { proveBlocks: 2 }), hash(121)],
    rounds: ['1: 100-119', '1: 121-131'],
  },
  {
    why: 'what is changed after its end means nothing to it',
    events: [hash(100), windows(140, { proveBlocks: 90 })],
    rounds: ['1: 100-128'],
  },
  {
    why: 'T1 and T2 are changed one after the other',
    events: [windows(50, { commitBlocks: 2 }), windows(51, { proveBlocks: 3 }), hash(100)],
    rounds: ['1: 100-105'],
  },
])('$why', ({ events, rounds }) => {
  const told = roundsOf(events, WINDOWS).map(
    (one) => `${one.to}: ${one.startBlock}-${one.startBlock + one.commitBlocks + one.proveBlocks}`,
  )
  expect(told).toEqual(rounds)
})

test('proofs are judged by the T1 that a round had at its end', () => {
  const [round] = roundsOf([hash(100), windows(104, { commitBlocks: 12 })], WINDOWS)
  expect(round).toEqual({ to: 1, startBlock: 100, commitBlocks: 12, proveBlocks: 20 })
})
