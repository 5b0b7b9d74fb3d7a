import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canLand,
  enqueue,
  hasExpired,
  type Intent,
  inSendingOrder,
  intentId,
  isSameTransaction,
  type SequenceIntent,
  type StakeIntent,
} from '../../../protocol/sender/intent.ts'

const intent = (changes: Partial<SequenceIntent> = {}): SequenceIntent => ({
  accInputHash: '0xda',
  rollup: 'a',
  from: 1,
  to: 3,
  step: 'commit',
  contract: '0x01',
  finalProof: null,
  firstBlock: 1,
  lastBlock: null,
  ...changes,
})

describe('one live intent per rollup, sequence and step', () => {
  test('a newer one takes the place of the older', () => {
    const queue = enqueue(enqueue([], intent({ lastBlock: 5 })), intent({ lastBlock: 9 }))
    expect(queue).toEqual([intent({ lastBlock: 9 })])
  })

  test('a proof that becomes late is the same transaction', () => {
    const queue = enqueue(enqueue([], intent({ step: 'prove', lastBlock: 130 })), intent({ step: 'prove-late' }))
    expect(queue).toEqual([intent({ step: 'prove-late' })])
  })

  test.each([
    { other: { rollup: 'b' }, why: 'another rollup' },
    { other: { from: 2 }, why: 'another sequence' },
    { other: { to: 4 }, why: 'the same start with other data after a reorg' },
    { other: { step: 'claim' }, why: 'another step' },
  ] as const)('$why is another intent', ({ other }) => {
    expect(enqueue([intent()], intent(other))).toHaveLength(2)
    expect(intentId(intent(other))).not.toBe(intentId(intent()))
  })
})

describe('stake', () => {
  const stake = (toWei: string, rollup = 'a'): StakeIntent => ({
    ...{ rollup, contract: '0xAb', step: 'stake', firstBlock: 1, lastBlock: null, toWei },
  })

  test('one target per rollup: the last one counts', () => {
    const queue = [stake('5'), stake('5', 'b'), stake('7')].reduce<Intent[]>(enqueue, [])
    expect(queue).toEqual([stake('5', 'b'), stake('7')])
  })

  test('the same target is the same transaction, another is not', () => {
    expect(isSameTransaction(stake('5'), { ...stake('5'), firstBlock: 9, contract: '0xaB' })).toBe(true)
    expect(isSameTransaction(stake('5'), stake('7'))).toBe(false)
  })

  test('comes last of all', () => {
    expect(inSendingOrder([stake('5'), intent({ step: 'claim' })], 10).map(({ step }) => step)).toEqual([
      'claim',
      'stake',
    ])
  })
})

describe('order', () => {
  test.each([
    {
      queue: 'claim@9 commit@1 prove@9 prove-late',
      order: 'prove-late prove@9 commit@1 claim@9',
      why: 'proofs, hashes, claims; an expired proof makes no late one urgent',
    },
    {
      queue: 'prove-late@30 b:prove@16',
      order: 'b:prove@16 prove-late@30',
      why: 'a late proof has its own last block',
    },
    {
      queue: 'b:prove@16 a7:prove-late@14',
      order: 'a7:prove-late@14 b:prove@16',
      why: 'and goes first where that is the nearer',
    },
    {
      queue: 'a3:prove-late@30 a5:prove-late@12',
      order: 'a5:prove-late@12 a3:prove-late@30',
      why: 'late proofs wait for nobody',
    },
    {
      queue: 'prove-late a5:prove@18',
      order: 'a5:prove@18 prove-late',
      why: 'without a deadline it waits for a proof near its end',
    },
    {
      queue: 'prove-late a5:prove@19',
      order: 'prove-late a5:prove@19',
      why: "and goes before its rollup's others while there is time (2023)",
    },
    {
      queue: 'a1:prove-late a5:prove@19 b:prove@16',
      order: 'b:prove@16 a1:prove-late a5:prove@19',
      why: "not before another rollup's",
    },
    { queue: 'a:prove@20 b:prove@12', order: 'b:prove@12 a:prove@20', why: 'fewest blocks left first' },
    { queue: 'a:prove b:prove@99', order: 'b:prove@99 a:prove', why: 'without limit comes last' },
    {
      queue: 'a5:prove@12 a2:prove@20',
      order: 'a2:prove@20 a5:prove@12',
      why: 'within a rollup in order of start, whatever is left',
    },
    {
      queue: 'a2:prove@30 b:prove@20 a5:prove@15',
      order: 'a2:prove@30 a5:prove@15 b:prove@20',
      why: 'the lower one inherits the urgency',
    },
    {
      queue: 'a2:prove@30 b:prove@20 a5:prove@9',
      order: 'b:prove@20 a2:prove@30 a5:prove@9',
      why: 'an expired one makes nobody urgent',
    },
    {
      queue: 'b1:commit@20 a1:commit@20',
      order: 'a1:commit@20 b1:commit@20',
      why: 'ties by name, the same everywhere',
    },
  ])('$queue: $why', ({ queue, order }) => {
    expect(inSendingOrder(queue.split(' ').map(parse), 10).map(format).join(' ')).toBe(
      order.split(' ').map(parse).map(format).join(' '),
    )
  })

  test('is one order of all, however the queue was filled', () => {
    fc.assert(
      fc.property(queues, fc.nat(40), fc.infiniteStream(fc.nat()), (queue, head, picks) => {
        const sorted = inSendingOrder(queue, head)
        const shuffled = [...queue].map((one) => ({ one, key: picks.next().value })).sort((a, b) => a.key - b.key)
        expect(
          inSendingOrder(
            shuffled.map(({ one }) => one),
            head,
          ),
        ).toEqual(sorted)
        expect(inSendingOrder(sorted, head)).toEqual(sorted)
      }),
    )
  })

  test('keeps steps apart and a rollup in order of start', () => {
    fc.assert(
      fc.property(queues, fc.nat(40), (queue, head) => {
        const sorted = inSendingOrder(queue, head)
        expect(new Set(sorted)).toEqual(new Set(queue))
        sorted.forEach((later, i) => {
          for (const sooner of sorted.slice(0, i)) {
            expect(RANKS.findIndex((steps) => steps.includes(sooner.step))).toBeLessThanOrEqual(
              RANKS.findIndex((steps) => steps.includes(later.step)),
            )
            const isOrdered =
              sooner.step === later.step && sooner.rollup === later.rollup && sooner.step !== 'prove-late'
            if (isOrdered) expect(from(sooner)).toBeLessThanOrEqual(from(later))
          }
        })
      }),
    )
  })
})

describe('blocks: accepted in 111..130', () => {
  test.each([
    { head: 109, lands: false, expired: false, why: 'one block too early' },
    { head: 110, lands: true, expired: false, why: 'the next block is the first' },
    { head: 129, lands: true, expired: false, why: 'the next block is the last' },
    { head: 130, lands: false, expired: true, why: 'over' },
  ])('at $head: $why', ({ head, lands, expired }) => {
    const one = { firstBlock: 111, lastBlock: 130 }
    expect([canLand(one, head), hasExpired(one, head)]).toEqual([lands, expired])
  })

  test('without a last block it never expires', () => expect(hasExpired({ lastBlock: null }, 1e9)).toBe(false))
})

/** What goes before what, however much time there is. */
const RANKS = [['prove-late', 'prove'], ['commit'], ['claim'], ['stake']]

const from = (one: Intent): number => (one.step === 'stake' ? 0 : one.from)

/** Reads an intent: `b5:prove@12` is a proof of rollup b, batches 5 to 6, with last block 12. */
function parse(text: string): SequenceIntent {
  const [, rollup = 'a', from = '1', step, last] = /^(?:([a-z])(\d+)?:)?([a-z-]+)(?:@(\d+))?$/.exec(text) ?? []
  return intent({
    rollup,
    from: Number(from),
    to: Number(from) + 1,
    step: step as SequenceIntent['step'],
    lastBlock: last ? Number(last) : null,
  })
}

const format = (i: Intent): string => `${i.rollup}${from(i)}:${i.step}@${i.lastBlock}`

const queues = fc
  .array(
    fc.record({
      rollup: fc.constantFrom('a', 'b', 'B', 'ä'),
      from: fc.integer({ min: 1, max: 6 }),
      step: fc.constantFrom('prove-late' as const, 'prove' as const, 'commit' as const, 'claim' as const),
      lastBlock: fc.option(fc.nat(50)),
    }),
    { maxLength: 25 },
  )
  .map((some) => some.reduce((queue, one) => enqueue(queue, intent({ ...one, to: one.from + 1 })), [] as Intent[]))
