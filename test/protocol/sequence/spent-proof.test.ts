import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MinedProof, spentProof } from '../../../protocol/sequence/spent-proof.ts'
import type { OnChain } from '../../../protocol/sequence/view.ts'
import { committed, late, OWN, ROUND } from './views.ts'

// R is 100, T1 is 10, and T2 is 20.
const OPEN = committed().atHead
const RAN: MinedProof = { proofHash: OWN.proofHash, block: 112, status: 'success' }

describe('a proof that a contract of 2023 took and fined', () => {
  test.each<{ why: string; mined?: MinedProof[]; atHead?: OnChain; head?: number; block: number | undefined }>([
    { why: 'it ran in this round and is not accepted', block: 112 },
    { why: 'twice: the last one counts', mined: [{ ...RAN, block: 114 }, RAN], block: 114 },
    { why: 'late proofs alike', atHead: late().atHead, block: 112 },
    { why: 'it was accepted', atHead: { ...OPEN, own: { ...OWN, isProved: true } }, block: undefined },
    { why: 'it reverted', mined: [{ ...RAN, status: 'reverted' }], block: undefined },
    { why: 'other bytes ran', mined: [{ ...RAN, proofHash: '0xbb' }], block: undefined },
    { why: 'in a round before', mined: [{ ...RAN, block: 99 }], block: undefined },
    {
      why: 'our hash is of a round before',
      atHead: { ...OPEN, own: { ...OWN, roundStartBlock: 60 } },
      block: undefined,
    },
    { why: 'no hash of ours', atHead: { ...OPEN, own: null }, block: undefined },
    { why: 'no round', atHead: { ...OPEN, round: null }, block: undefined },
    { why: 'the look is of a block before it', head: 111, block: undefined },
  ])('$why: $block', ({ mined = [RAN], atHead = OPEN, head = 120, block }) => {
    expect(spentProof(mined, atHead, head)?.block).toBe(block)
  })
})

test('what is spent ran in this round; older rounds, reverts and other bytes change nothing', () => {
  const block = fc.integer({ min: 80, max: 140 })
  const mined = fc.record<MinedProof>({
    proofHash: fc.constantFrom(OWN.proofHash, '0xbb'),
    block,
    status: fc.constantFrom('success', 'reverted'),
  })
  fc.assert(
    fc.property(fc.array(mined), fc.integer({ min: 100, max: 140 }), (all, head) => {
      const counts = all.filter(
        (one) =>
          one.proofHash === OWN.proofHash &&
          one.status === 'success' &&
          one.block >= ROUND.startBlock &&
          one.block <= head,
      )
      expect(spentProof(all, OPEN, head)?.block).toBe(
        counts.length === 0 ? undefined : Math.max(...counts.map((one) => one.block)),
      )
      const nextRound = {
        ...OPEN,
        round: { ...ROUND, startBlock: head + 1 },
        own: { ...OWN, roundStartBlock: head + 1 },
      }
      expect(spentProof(all, nextRound, head)).toBeUndefined()
    }),
  )
})
