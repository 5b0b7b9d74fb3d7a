import { describe, expect, test } from 'vitest'
import { type Intent, type IntentStep, stakeId, stepId } from '../../../protocol/sender/intent.ts'
import { type OwnHash, reckonLiabilities, type SignedTransaction } from '../../../protocol/sender/liabilities.ts'
import type { OnChain } from '../../../protocol/sequence/view.ts'
import { OWN, ROUND, VERIFIED_ROUND } from '../sequence/views.ts'

/** R = 100, T1 = 10, T2 = 20: the round is over after block 130, late proofs after 140. */
const HEAD = 115

const PRICES: Record<IntentStep | 'empty', bigint> = {
  prove: 50n,
  'prove-late': 50n,
  commit: 6n,
  claim: 5n,
  stake: 2n,
  empty: 1n,
}

describe('hashes that are out', () => {
  check([
    { why: 'none', hashes: [], wei: 0n },
    { why: 'one that stands in a live round', hashes: [standing({})], wei: 50n },
    {
      why: 'two of a rollup, one of another',
      hashes: [standing({}), standing({ from: 4 }), standing({ rollup: 'other' })],
      wei: 150n,
    },
    { why: 'one that is proved', hashes: [standing({}, { own: { ...OWN, isProved: true } })], wei: 0n },
    { why: 'one whose round is over after the head', hashes: [standing({})], head: 130, wei: 0n },
    { why: 'one whose round takes one more block', hashes: [standing({})], head: 129, wei: 50n },
    { why: 'one of an older round', hashes: [standing({}, { own: { ...OWN, roundStartBlock: 40 } })], wei: 0n },
    { why: 'one that a rival was faster with: the late proof is paid', hashes: [late()], wei: 50n },
    { why: 'one after its late deadline', hashes: [late()], head: 140, wei: 0n },
    { why: 'a late one without deadline (2023)', hashes: [late(null)], wei: 0n },
    { why: 'the one that is asked about', hashes: [standing({})], except: 'commit', wei: 0n },
  ])
})

describe('what is signed', () => {
  check([
    { why: 'a hash: itself, and its proof', hashes: [signedHash()], signed: [under(7, 'commit')], wei: 56n },
    {
      why: 'the hash that is asked about',
      hashes: [signedHash()],
      signed: [under(7, 'commit')],
      except: 'commit',
      wei: 0n,
    },
    {
      why: 'a hash that is mined: its proof',
      hashes: [standing({ unfinalCommit: true })],
      signed: [under(7, 'commit', { isMined: true })],
      wei: 50n,
    },
    {
      why: 'a hash whose sequence somebody verified meanwhile',
      hashes: [signedHash({ isVerified: true })],
      signed: [under(7, 'commit')],
      wei: 6n,
    },
    { why: 'an owed proof, once', hashes: [standing({})], signed: [under(7, 'prove')], wei: 50n },
    {
      why: 'a late proof that is owed to nobody we know',
      hashes: [late(null)],
      signed: [under(7, 'prove-late')],
      wei: 50n,
    },
    {
      why: 'an owed proof that is mined',
      hashes: [standing({}, { own: { ...OWN, isProved: true } })],
      signed: [under(7, 'prove', { isMined: true })],
      wei: 0n,
    },
    { why: 'a claim', signed: [under(7, 'claim')], wei: 5n },
    { why: 'a deposit with its value', signed: [under(7, 'stake', { mostWei: 1_002n })], wei: 1_002n },
    {
      why: 'the deposit that is asked about',
      signed: [under(7, 'stake', { mostWei: 1_002n })],
      except: 'stake',
      wei: 0n,
    },
    {
      why: 'attempts of one nonce: the dearest, whichever is mined',
      signed: [under(7, 'claim'), under(7, null), under(7, 'commit')],
      wei: 6n,
    },
    {
      why: 'attempts of one nonce, of which one is mined',
      signed: [under(7, 'commit'), under(7, 'claim', { isMined: true })],
      wei: 0n,
    },
    { why: 'two nonces', signed: [under(7, 'claim'), under(8, 'claim')], wei: 10n },
  ])
})

test('each says for people what it is', () => {
  const hashes = [standing({}), standing({ from: 4, rollup: 'other' }, {})]
  const signed = [under(7, 'claim'), under(8, 'stake', { mostWei: 3n }), under(9, null)]
  expect(reckon({ hashes, signed })).toEqual([
    { what: 'the proof of batches 1-3 of pay', wei: '50' },
    { what: 'the proof of batches 4-6 of other', wei: '50' },
    { what: 'the claim of batches 1-3 of pay that is under way', wei: '5' },
    { what: 'the stake in pay that is under way', wei: '3' },
    { what: 'an empty transaction under way', wei: '1' },
  ])
})

interface Case {
  why: string
  hashes?: OwnHash[]
  signed?: SignedTransaction[]
  head?: number
  except?: 'commit' | 'stake'
}

function check(cases: (Case & { wei: bigint })[]): void {
  test.each(cases)('$why: $wei', ({ wei, ...asked }) =>
    expect(reckon(asked).reduce((sum, one) => sum + BigInt(one.wei), 0n)).toBe(wei),
  )
}

const reckon = ({ hashes = [], signed = [], head = HEAD, except }: Omit<Case, 'why'>) =>
  reckonLiabilities({
    ...{ hashes, signed, head: { number: head, hash: '0x' } },
    mostWei: (step) => PRICES[step],
    except:
      except === undefined
        ? null
        : except === 'stake'
          ? stakeId('pay')
          : stepId({ rollup: 'pay', from: 1, to: 3 }, except),
  })

/** Makes our hash in the round of block 100. */
function standing(
  p: { rollup?: string; from?: number; unfinalCommit?: boolean },
  atHead: Partial<OnChain> = {},
): OwnHash {
  const { rollup = 'pay', from = 1, unfinalCommit = false } = p
  return {
    rollup,
    from,
    to: from + 2,
    unfinalCommit,
    atHead: { accInputHash: '0xda', isVerified: false, round: ROUND, own: OWN, ...atHead },
  }
}

const late = (lateProofDeadlineBlock: number | null = 140): OwnHash =>
  standing({}, { isVerified: true, round: { ...VERIFIED_ROUND, lateProofDeadlineBlock } })

const signedHash = (atHead: Partial<OnChain> = {}): OwnHash =>
  standing({ unfinalCommit: true }, { round: null, own: null, ...atHead })

/** Makes a signed transaction for batches 1-3 of `pay`, or about its stake. */
function under(nonce: number, step: IntentStep | null, more: Partial<SignedTransaction> = {}): SignedTransaction {
  return { nonce, intent: step && intentOf(step), mostWei: PRICES[step ?? 'empty'], isMined: false, ...more }
}

function intentOf(step: IntentStep): Intent {
  const base = { rollup: 'pay', contract: '0xcc', firstBlock: 1, lastBlock: null } as const
  return step === 'stake'
    ? { ...base, step, toWei: '1' }
    : { ...base, step, from: 1, to: 3, accInputHash: '0xda', finalProof: null }
}
