import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type FeeMarket,
  type Fees,
  firstFees,
  keepingRoom,
  lastFees,
  needsRaise,
  raisedFees,
  URGENT_BLOCKS,
  urgentFees,
} from '../../../protocol/sender/fees.ts'

const CAP = 10n ** 12n

test.each([
  {
    market: { baseFeePerGas: 100n, priorityFeePerGas: 7n },
    cap: CAP,
    fees: [207n, 7n],
    why: 'twice the base fee and the tip',
  },
  { market: { baseFeePerGas: 0n, priorityFeePerGas: 0n }, cap: CAP, fees: [0n, 0n], why: 'a market without fees' },
  { market: { baseFeePerGas: 100n, priorityFeePerGas: 7n }, cap: 150n, fees: [150n, 7n], why: 'the cap holds' },
  {
    market: { baseFeePerGas: 70n, priorityFeePerGas: 0n },
    cap: 150n,
    fees: [150n, 0n],
    why: 'no raise of 140 fits below the cap: all of it at once',
  },
  { market: { baseFeePerGas: 66n, priorityFeePerGas: 0n }, cap: 150n, fees: [132n, 0n], why: 'one raise of 132 fits' },
  {
    market: { baseFeePerGas: 100n, priorityFeePerGas: 900n },
    cap: 150n,
    fees: [150n, 150n],
    why: 'the tip is never above the whole',
  },
])('a first offer: $why', ({ market, cap, fees }) => expect(Object.values(firstFees(market, cap))).toEqual(fees))

const markets = fc.record({
  baseFeePerGas: fc.bigInt({ min: 0n, max: 10n ** 11n }),
  priorityFeePerGas: fc.bigInt({ min: 0n, max: 10n ** 10n }),
})

describe('a replacement', () => {
  test('raises both fees by 12.5 % at least, follows the market, and keeps the cap', () => {
    fc.assert(
      fc.property(markets, markets, fc.bigInt({ min: 1n, max: CAP }), (before, now, cap) => {
        const previous = firstFees(before, cap)
        const next = raisedFees(previous, now, cap)
        if (next === undefined) return
        expectRaise(previous, next)
        expect(next.maxFeePerGas).toBeLessThanOrEqual(cap)
        expect(next.maxPriorityFeePerGas).toBeLessThanOrEqual(next.maxFeePerGas)
        const wanted = firstFees(now, cap)
        expect(next.maxFeePerGas).toBeGreaterThanOrEqual(wanted.maxFeePerGas)
        expect(next.maxPriorityFeePerGas).toBeGreaterThanOrEqual(wanted.maxPriorityFeePerGas)
      }),
    )
  })

  test('always fits below the cap until the cap itself is offered, so a base fee below the cap is never out of reach', () => {
    fc.assert(
      fc.property(markets, markets, fc.bigInt({ min: 1n, max: CAP }), (before, now, cap) => {
        const previous = firstFees(before, cap)
        expect(raisedFees(previous, now, cap) === undefined).toBe(previous.maxFeePerGas === cap)
      }),
    )
  })

  test.each([
    { from: [0n, 0n], to: [1n, 1n], why: 'up from zero: nodes refuse equal tips' },
    { from: [8n, 1n], to: [9n, 2n], why: 'rounded up' },
    { from: [1000n, 10n], to: [1125n, 12n], why: 'an eighth more' },
    { from: [CAP - CAP / 5n, 10n], to: [CAP, 12n], why: 'all of the cap where the next eighth would not fit' },
  ] as const)('$why', ({ from, to }) => {
    const free: FeeMarket = { baseFeePerGas: 0n, priorityFeePerGas: 0n }
    expect(
      Object.values(raisedFees({ maxFeePerGas: from[0], maxPriorityFeePerGas: from[1] }, free, CAP) ?? {}),
    ).toEqual(to)
  })

  test('reaches a base fee eight times as high within one raise', () => {
    const previous = firstFees({ baseFeePerGas: 100n, priorityFeePerGas: 1n }, CAP)
    expect(
      raisedFees(previous, { baseFeePerGas: 800n, priorityFeePerGas: 1n }, CAP)?.maxFeePerGas,
    ).toBeGreaterThanOrEqual(1600n)
  })
})

describe("a proof's offers, block by block", () => {
  const capWei = 10n ** 11n
  const windows = fc.array(markets, { minLength: 1, maxLength: 10 })

  test('rise by 12.5 % at least, keep the cap, and always reach the base fee', () => {
    fc.assert(
      fc.property(windows, (blocks) => {
        let previous: Fees | undefined
        for (const [i, market] of blocks.entries()) {
          const next = urgentFees(previous, market, { capWei, left: blocks.length - i })
          if (next !== undefined && previous !== undefined) expectRaise(previous, next)
          previous = next ?? previous
          expect(previous?.maxFeePerGas).toBeLessThanOrEqual(capWei)
          expect(previous?.maxPriorityFeePerGas).toBeLessThanOrEqual(previous?.maxFeePerGas ?? 0n)
          expect(previous?.maxFeePerGas).toBeGreaterThanOrEqual(market.baseFeePerGas)
        }
      }),
    )
  })

  test('end with all of the cap as tip in the last block, whatever the market was before', () => {
    fc.assert(
      fc.property(windows, (blocks) => {
        const offers = blocks.reduce<Fees | undefined>(
          (previous, market, i) => urgentFees(previous, market, { capWei, left: blocks.length - i }) ?? previous,
          undefined,
        )
        expect(offers).toEqual(lastFees(capWei))
      }),
    )
  })

  test('leave room for a replacement before the last blocks, while the base fee does', () => {
    fc.assert(
      fc.property(windows, (blocks) => {
        const room = keepingRoom(capWei)
        const calm = blocks.filter(({ baseFeePerGas }) => baseFeePerGas <= room)
        const left = URGENT_BLOCKS + 1
        const offer = calm.reduce<Fees | undefined>(
          (previous, market) => urgentFees(previous, market, { capWei, left }) ?? previous,
          undefined,
        )
        expect(offer?.maxFeePerGas ?? 0n).toBeLessThanOrEqual(room)
      }),
    )
  })

  const market: FeeMarket = { baseFeePerGas: 46n, priorityFeePerGas: 1n }
  const frozen: Fees = { maxFeePerGas: 88n, maxPriorityFeePerGas: 1n }
  test.each([
    { previous: undefined, left: 5, offer: [88n, 1n], why: 'the first stops at 8/9 of the cap' },
    { previous: frozen, left: 5, offer: [], why: 'which stays while there is time' },
    { previous: frozen, left: 5, isAsked: true, offer: [100n, 100n], why: 'an admin may ask for the last raise' },
    { previous: frozen, left: 4, offer: [100n, 100n], why: 'in the last blocks it is made' },
    {
      previous: undefined,
      left: 4,
      market: { baseFeePerGas: 2n, priorityFeePerGas: 1n },
      offer: [16n, 12n],
      why: 'the tip doubles',
    },
    {
      previous: undefined,
      left: 3,
      market: { baseFeePerGas: 2n, priorityFeePerGas: 1n },
      offer: [29n, 25n],
      why: 'block by block',
    },
    { previous: undefined, left: 1, offer: [100n, 100n], why: 'a first offer for the last block' },
    {
      previous: undefined,
      left: 9,
      market: { ...market, baseFeePerGas: 89n },
      offer: [100n, 100n],
      why: 'a base fee that leaves no room',
    },
  ])('$why', ({ offer, previous, market: now = market, ...p }) => {
    expect(Object.values(urgentFees(previous, now, { capWei: 100n, ...p }) ?? {})).toEqual(offer)
  })
})

test.each([
  { at: {}, raise: false, why: 'patience' },
  { at: { head: 105 }, raise: true, why: 'patience is over' },
  { at: { head: 104 }, raise: false, why: 'one block of patience is left' },
  { at: { head: 100, lastBlock: 101 }, raise: false, why: 'no block came since it was sent' },
  {
    at: { head: 98, lastBlock: 101 },
    raise: true,
    why: 'a reorg took the head back behind the block that it was sent at',
  },
  { at: { head: 98 }, raise: false, why: 'which by itself is no reason' },
  { at: { lastBlock: 105 }, raise: true, why: 'four blocks before the end every block counts' },
  { at: { lastBlock: 106 }, raise: false, why: 'five blocks before it does not' },
  {
    at: { lastBlock: null, market: { baseFeePerGas: 201n, priorityFeePerGas: 0n } },
    raise: true,
    why: 'below the base fee it can not be mined',
  },
  {
    at: { lastBlock: null, market: { baseFeePerGas: 200n, priorityFeePerGas: 0n } },
    raise: false,
    why: 'at the base fee it can',
  },
])('$why', ({ at, raise }) => {
  const sent = {
    head: 101,
    sentAtBlock: 100,
    lastBlock: 200,
    patienceBlocks: 5,
    fees: { maxFeePerGas: 200n, maxPriorityFeePerGas: 1n },
    market: { baseFeePerGas: 100n, priorityFeePerGas: 1n },
  }
  expect(needsRaise({ ...sent, ...at })).toBe(raise)
})

function expectRaise(previous: Fees, next: Fees): void {
  for (const key of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const) {
    expect(next[key] * 8n).toBeGreaterThanOrEqual(previous[key] * 9n)
    expect(next[key]).toBeGreaterThan(previous[key])
  }
}
