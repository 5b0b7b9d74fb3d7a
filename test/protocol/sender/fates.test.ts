import { parseEther } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import {
  type IntentFate,
  type IntentLook,
  judgeIntent,
  judgeStake,
  type StakeOnChain,
  stakeMove,
} from '../../../protocol/sender/fates.ts'
import type { SequenceIntent, StakeIntent } from '../../../protocol/sender/intent.ts'
import type { OnChain, OwnCommitment, RoundView } from '../../../protocol/sequence/view.ts'

/** R = 100, T1 = 3, T2 = 4: hashes up to block 103, proofs in 104 to 107. */
const round: RoundView = {
  startBlock: 100,
  commitBlocks: 3,
  proveBlocks: 4,
  isVerified: false,
  lateProofDeadlineBlock: null,
}
const verifiedRound: RoundView = { ...round, isVerified: true, lateProofDeadlineBlock: 120 }
const own: OwnCommitment = {
  proofHash: `0x${'01'.repeat(32)}`,
  roundStartBlock: 100,
  isProved: false,
  isSettled: false,
}
const posted: OnChain = { accInputHash: `0x${'aa'.repeat(32)}`, isVerified: false, round: null, own: null }
const committed: OnChain = { ...posted, round, own }
const proved: OnChain = { ...posted, isVerified: true, round: verifiedRound, own: { ...own, isProved: true } }

const wanted: IntentFate = { kind: 'wanted' }
const done: IntentFate = { kind: 'done', isFinal: false }
const hopeless = { kind: 'hopeless' }

const wei = (coins: string): string => `${parseEther(coins)}`
const OWED = ['1-3', '4-6', '7'].map((batches) => ({ what: `the proof of batches ${batches} of pay`, wei: wei('1') }))

describe('commit', () => {
  test.each<{ why: string; atHead: OnChain; head?: number; fate: object }>([
    { why: 'no round yet', atHead: posted, fate: wanted },
    { why: 'a round that a rival opened', atHead: { ...posted, round }, fate: wanted },
    { why: 'up to a transaction in the last block of its T1', atHead: { ...posted, round }, head: 102, fate: wanted },
    { why: 'after it the contract refuses every hash', atHead: { ...posted, round }, head: 103, fate: hopeless },
    { why: 'up to the last block of its T2', atHead: { ...posted, round }, head: 106, fate: hopeless },
    { why: 'then it may open the next round', atHead: { ...posted, round }, head: 107, fate: wanted },
    { why: 'our hash stands', atHead: committed, fate: done },
    { why: 'it still stands for a transaction in the last block of T2', atHead: committed, head: 106, fate: done },
    {
      why: 'the round ended unverified: the hash counts for nothing any more',
      atHead: committed,
      head: 107,
      fate: wanted,
    },
    { why: 'it is from an older round', atHead: { ...committed, own: { ...own, roundStartBlock: 80 } }, fate: wanted },
    {
      why: 'another hash of ours stands in the round',
      atHead: { ...committed, own: { ...own, proofHash: `0x${'02'.repeat(32)}` } },
      fate: hopeless,
    },
    { why: 'verified by others', atHead: { ...posted, isVerified: true, round: verifiedRound }, fate: hopeless },
    {
      why: 'verified, with our hash in the round',
      atHead: { ...committed, isVerified: true, round: verifiedRound },
      fate: done,
    },
    { why: 'a reorg took the sequence away', atHead: { ...posted, accInputHash: null }, fate: hopeless },
    { why: 'a reorg brought other data', atHead: { ...posted, accInputHash: `0x${'bb'.repeat(32)}` }, fate: hopeless },
  ])('$why', ({ atHead, head, fate }) => expect(judge('commit', { atHead, ...(head && { head }) })).toMatchObject(fate))
})

describe('proof', () => {
  test.each<{ why: string; atHead: OnChain; head?: number; fate: object }>([
    { why: 'up to a transaction in the last block of T1', atHead: committed, head: 102, fate: earlyUntil(104) },
    { why: 'our hash stands, T1 is over', atHead: committed, head: 103, fate: wanted },
    {
      why: 'the owner of a contract of 2023 raises T1 in mid-round',
      atHead: withLongerT1(committed),
      head: 105,
      fate: earlyUntil(107),
    },
    { why: 'the raised T1 is over', atHead: withLongerT1(committed), head: 106, fate: wanted },
    { why: 'up to a transaction in the last block of T2', atHead: committed, head: 106, fate: wanted },
    { why: 'the round is over', atHead: committed, head: 107, fate: hopeless },
    {
      why: 'a rival won: it is late, and wanted',
      atHead: { ...committed, isVerified: true, round: verifiedRound },
      head: 110,
      fate: wanted,
    },
    {
      why: 'a rival won, and T1 was raised after it: every proof waits for its end',
      atHead: withLongerT1({ ...committed, isVerified: true, round: verifiedRound }),
      head: 105,
      fate: earlyUntil(107),
    },
    { why: 'accepted', atHead: proved, fate: done },
    { why: 'a reorg took our hash away', atHead: { ...posted, round }, fate: hopeless },
    {
      why: 'a reorg brought other data under our hash',
      atHead: { ...committed, accInputHash: `0x${'bb'.repeat(32)}` },
      fate: hopeless,
    },
    {
      why: 'the hash is of another round',
      atHead: { ...committed, own: { ...own, roundStartBlock: 80 } },
      fate: hopeless,
    },
    {
      why: 'the hash is that of another proof',
      atHead: { ...committed, own: { ...own, proofHash: `0x${'02'.repeat(32)}` } },
      fate: hopeless,
    },
  ])('$why', ({ atHead, head, fate }) => {
    for (const step of ['prove', 'prove-late'] as const)
      expect(judge(step, { atHead, ...(head && { head }) })).toMatchObject(fate)
  })
})

test('a proof that a contract of 2023 took and fined is not sent again in its round', () => {
  for (const step of ['prove', 'prove-late'] as const) {
    expect(judge(step, { atHead: committed, head: 105, spentProofBlock: 104 })).toMatchObject({
      ...{ kind: 'hopeless', why: expect.stringContaining('took the proof in block 104') },
    })
  }
})

describe('claim', () => {
  test.each<{ why: string; atHead: OnChain; fate: object }>([
    { why: 'an unsettled commitment', atHead: proved, fate: wanted },
    { why: 'a settled one', atHead: { ...proved, own: { ...own, isProved: true, isSettled: true } }, fate: done },
    { why: 'one without a reward', atHead: { ...proved, own: { ...own, isProved: true, rewardWei: '0' } }, fate: done },
    {
      why: 'one without a reward that locks stake',
      atHead: { ...proved, own: { ...own, lockedWei: '1', rewardWei: '0' } },
      fate: wanted,
    },
    { why: 'none', atHead: posted, fate: hopeless },
    { why: 'other data under it', atHead: { ...proved, accInputHash: `0x${'bb'.repeat(32)}` }, fate: wanted },
  ])('$why', ({ atHead, fate }) => expect(judge('claim', { atHead })).toMatchObject(fate))

  const settled: OnChain = { ...proved, own: { ...own, isProved: true, isSettled: true } }
  test.each([
    { atHead: 5n, atFinal: 5n, fate: wanted, why: 'a stranger settled for us, and nobody paid' },
    { atHead: 0n, atFinal: 5n, fate: done, why: 'paid' },
    { atHead: 0n, atFinal: null, fate: done, why: 'paid, and nobody tells whether on a final block' },
    { atHead: 0n, atFinal: 0n, fate: { kind: 'done', isFinal: true }, why: 'paid on a final block' },
  ])('$why', ({ fate, ...unpaidWei }) => {
    expect(judge('claim', { atHead: settled, atFinal: settled, unpaidWei })).toEqual(fate)
  })
})

describe('a proof behind batches that are not verified', () => {
  test.each([
    { lastVerifiedBatch: 4, fate: wanted, why: 'those before it are verified' },
    { lastVerifiedBatch: 6, fate: wanted, why: 'it is late: its own are, too' },
    { lastVerifiedBatch: 3, fate: { kind: 'held', why: 'batches 4 come first' }, why: 'the one before it is not' },
    { lastVerifiedBatch: 0, fate: { kind: 'held', why: 'batches 1-4 come first' }, why: 'none is' },
  ])('$why: $fate.kind', ({ lastVerifiedBatch, fate }) => {
    const range = { from: 5, to: 6 }
    expect(judge('prove', { atHead: committed, lastVerifiedBatch, head: 103 }, range)).toEqual(fate)
    expect(judge('prove', { atHead: proved, lastVerifiedBatch }, range)).toEqual(done)
    expect(judge('commit', { atHead: posted, lastVerifiedBatch }, range)).toEqual(wanted)
  })

  test('is tried in the last blocks of its window all the same: those before it may land in the same one', () => {
    const fates = [103, 104, 105].map((head) =>
      judge('prove', { atHead: committed, lastVerifiedBatch: 3, head }, { from: 5, to: 6, lastBlock: 109 }),
    )
    expect(fates.map(({ kind }) => kind)).toEqual(['held', 'held', 'wanted'])
  })

  test('nor is it tried in those before T1 is over', () => {
    const look = { atHead: withLongerT1(committed), lastVerifiedBatch: 3, head: 105 }
    expect(judge('prove', look, { from: 5, to: 6, lastBlock: 107 })).toEqual(earlyUntil(107))
  })
})

describe('a stake', () => {
  test.each([
    { target: '10', kind: undefined, why: 'there already' },
    { target: '12.5', kind: 'deposit', amount: '2.5', why: 'the difference, not the target' },
    { target: '9', kind: 'withdraw', amount: '1', why: 'the difference' },
  ])('$target from 10: $why', ({ target, kind, amount }) => {
    const move = stakeMove(wei(target), stake())
    expect(move).toEqual(kind === undefined ? null : { kind, wei: parseEther(amount ?? '0') })
  })

  test.each<{ target: string; change?: Partial<StakeOnChain>; fate: object; why: string }>([
    { target: '12', fate: { kind: 'wanted' }, why: 'the balance covers it' },
    { target: '108', fate: { kind: 'wanted' }, why: 'what is left is just what a commit and its proof may cost' },
    { target: '108.1', fate: { kind: 'held' }, why: 'an owed proof could not be paid' },
    {
      target: '105',
      change: { liabilities: OWED },
      fate: { kind: 'wanted' },
      why: 'what is left pays the proofs that are owed, too',
    },
    { target: '105.1', change: { liabilities: OWED }, fate: { kind: 'held' }, why: 'they could not all be paid' },
    { target: '1', fate: { kind: 'wanted' }, why: 'all that is unlocked' },
    { target: '0', fate: { kind: 'held' }, why: 'an open commitment locks the rest' },
    { target: '0', change: { lockedWei: '0' }, fate: { kind: 'wanted' }, why: 'it is let go' },
    { target: '10', fate: { kind: 'done', isFinal: true }, why: 'it stands' },
  ])('to $target: $why', ({ target, change, fate }) => {
    expect(judgeStake(to(target), { atHead: stake(change), atFinal: stake(change) })).toMatchObject(fate)
  })

  test('stands for good once the final block has it', () => {
    expect(judgeStake(to('10'), { atHead: stake(), atFinal: stake({ stakeWei: '0' }) })).toEqual({
      kind: 'done',
      isFinal: false,
    })
    expect(judgeStake(to('10'), { atHead: stake(), atFinal: null })).toEqual({ kind: 'done', isFinal: false })
  })
})

test('done is final once it stands on the final block too', () => {
  expect(judge('prove', { atHead: proved, atFinal: committed })).toEqual({ kind: 'done', isFinal: false })
  expect(judge('prove', { atHead: proved, atFinal: null })).toEqual({ kind: 'done', isFinal: false })
  expect(judge('prove', { atHead: proved, atFinal: proved })).toEqual({ kind: 'done', isFinal: true })
})

test('a pause holds what is wanted but claims, and changes nothing about what is done or hopeless', () => {
  const isContractPaused = true
  expect(judge('claim', { atHead: proved, isContractPaused })).toEqual(wanted)
  expect(judge('prove', { atHead: committed, isContractPaused })).toMatchObject({ kind: 'held' })
  expect(judge('prove', { atHead: proved, isContractPaused })).toEqual(done)
  expect(judge('prove', { atHead: posted, isContractPaused })).toMatchObject(hopeless)
})

const earlyUntil = (block: number): IntentFate => ({ kind: 'held', why: `T1: proofs open at block ${block}` })

/** Changes what a contract of 2023 says as if its owner raised T1 by 3: its rounds have no windows of their own. */
const withLongerT1 = (onChain: OnChain): OnChain => ({
  ...onChain,
  round: onChain.round && { ...onChain.round, commitBlocks: 6 },
})

function judge(
  step: SequenceIntent['step'],
  look: Partial<IntentLook> & { atHead: OnChain },
  { from, to, lastBlock = null }: { from: number; to: number; lastBlock?: number | null } = { from: 1, to: 2 },
): IntentFate {
  const intent: SequenceIntent = {
    ...{
      rollup: 'pay',
      from,
      to,
      accInputHash: `0x${'aa'.repeat(32)}`,
      step,
      contract: `0x${'cc'.repeat(20)}`,
      firstBlock: 0,
      lastBlock,
    },
    finalProof: step === 'claim' ? null : { sha256: `0x${'03'.repeat(32)}`, size: 1, proofHash: own.proofHash },
  }
  return judgeIntent(intent, { head: 102, final: 101, atFinal: posted, isContractPaused: false, ...look })
}

const stake = (change: Partial<StakeOnChain> = {}): StakeOnChain => ({
  ...{ stakeWei: wei('10'), lockedWei: wei('1'), balanceWei: wei('100'), reserveWei: wei('2'), liabilities: [] },
  ...change,
})

const to = (coins: string): StakeIntent => ({
  ...{ rollup: 'pay', contract: '0xcc', step: 'stake', firstBlock: 1, lastBlock: null, toWei: wei(coins) },
})
