import { expect, test } from 'vitest'
import {
  blocksLeft,
  firstProveBlock,
  lastCommitBlock,
  lastProveBlock,
  windowPhase,
} from '../../../protocol/base/windows.ts'

const round = { startBlock: 100, commitBlocks: 10, proveBlocks: 20 }

test.each([
  { block: 100, phase: 'commit', why: 'R is the first hash itself' },
  { block: 101, phase: 'commit', why: 'R+1: others may join' },
  { block: 110, phase: 'commit', why: 'R+T1 is the last block for hashes, and in ours not for proofs' },
  { block: 111, phase: 'prove', why: 'R+T1+1 is the first block for proofs' },
  { block: 130, phase: 'prove', why: 'R+T1+T2 is the last block for proofs' },
  { block: 131, phase: 'expired', why: 'R+T1+T2+1 opens a new round' },
] as const)('$block: $why', ({ block, phase }) => expect(windowPhase(round, block)).toBe(phase))

test('the edges are where the phases change', () => {
  expect([lastCommitBlock(round), firstProveBlock(round), lastProveBlock(round)]).toEqual([110, 111, 130])
})

test.each([
  { head: 109, last: 110, left: 1, why: 'one block can still be the last one' },
  { head: 110, last: 110, left: 0, why: 'what is sent now is in the block after the last' },
  { head: 140, last: 110, left: 0, why: 'never negative' },
])('$head to $last: $why', ({ head, last, left }) => expect(blocksLeft(head, last)).toBe(left))
