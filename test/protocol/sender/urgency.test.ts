import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { Intent, SequenceIntent } from '../../../protocol/sender/intent.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderAction, UnfinalAttempt } from '../../../protocol/sender/view.ts'
import { SenderSimulation } from './simulation.ts'
import { CAP, fees, intent, row, viewOf } from './views.ts'

const proof = intent('prove', { lastBlock: 200 })
const late = intent('prove-late')
const commit = intent('commit', { from: 5, to: 6 })
const claim = intent('claim', { from: 7, to: 7 })

describe('sixteen hashes that no block takes, and a proof that has no nonce', () => {
  const hashes = Array.from({ length: 16 }, (_, i) => intent('commit', { from: 10 + i, to: 10 + i }))
  const attempts = hashes.map((hash, i) => row({ nonce: 3 + i, intent: hash, sentAtBlock: 99 }))
  const planned = (queue: Intent[], fates: [Intent, IntentFate][] = []) =>
    planSending(viewOf({ queue: [...hashes, ...queue], attempts }, fates)).actions

  test.each<{ why: string; queue: Intent[]; fates?: [Intent, IntentFate][]; kind: SenderAction['kind'] }>([
    { why: 'near the end of its window all of them are urgent', queue: [{ ...proof, lastBlock: 104 }], kind: 'sign' },
    { why: 'before that they have time', queue: [{ ...proof, lastBlock: 105 }], kind: 'broadcast' },
    { why: 'a late proof without a deadline makes nobody urgent', queue: [late], kind: 'broadcast' },
    { why: 'nor does a claim', queue: [{ ...claim, lastBlock: 104 }], kind: 'broadcast' },
    {
      why: 'nor a proof that can not be sent now',
      queue: [{ ...proof, lastBlock: 104 }],
      fates: [[proof, { kind: 'held', why: 'batches 1 come first' }]],
      kind: 'broadcast',
    },
  ])('$why', ({ queue, fates, kind }) => {
    expect(planned(queue, fates).map((action) => [action.kind, 'nonce' in action && action.nonce])).toEqual(
      attempts.map(({ nonce }) => [kind, nonce]),
    )
  })

  test('a nonce behind the one that it gets is not urgent', () => {
    const urgent = { ...proof, lastBlock: 104 }
    const sooner = { ...late, from: 30, to: 30, lastBlock: 103 }
    const [first, second, third] = [
      row({ intent: sooner, sentAtBlock: 99 }),
      row({ nonce: 4, intent: commit }),
      row({ nonce: 5, intent: hashes[0] ?? null, sentAtBlock: 99 }),
    ]
    const view = viewOf({ queue: [urgent], attempts: [first, second, third] }, [
      [commit, { kind: 'hopeless', why: 'over' }],
    ])
    expect(planSending(view).actions).toMatchObject([
      { kind: 'sign', nonce: 3, intent: sooner },
      { kind: 'sign', nonce: 4, intent: urgent },
      { kind: 'broadcast', nonce: 5 },
    ])
  })
})

const lates = (count: number, p: Partial<SequenceIntent> = {}) =>
  Array.from({ length: count }, (_, i) => intent('prove-late', { from: 10 + i, to: 10 + i, ...p }))

describe('twenty late proofs and a proof', () => {
  const cases = [1, 2, 3, 4, 5, 6].flatMap((left) =>
    [
      { of: 'its own rollup', rollup: 'pay' },
      { of: 'another rollup', rollup: 'zap' },
    ].flatMap(({ of, rollup }) => [
      { left, of, rollup, until: 'no deadline', lastBlock: null },
      { left, of, rollup, until: 'a later deadline', lastBlock: 130 },
    ]),
  )

  test.each(cases)(
    'with $left blocks left, they of $of with $until: it is sent first',
    ({ left, rollup, lastBlock }) => {
      const urgent = { ...proof, from: 90, to: 90, lastBlock: 100 + left }
      const { actions } = planSending(viewOf({ queue: [...lates(20, { rollup, lastBlock }), urgent] }))
      expect(actions[0]).toMatchObject({ kind: 'sign', nonce: 3, intent: urgent })
      expect(actions).toHaveLength(16)
    },
  )

  test.each([
    {
      why: 'of which one ends sooner: that one goes before it',
      queue: [...lates(20), intent('prove-late', { lastBlock: 102 })],
      first: 1,
    },
    {
      why: 'of its rollup, at a contract of 2023, with time left: the first call after a late hash is its proof',
      queue: lates(3),
      left: 9,
      first: 3,
    },
    { why: 'of another rollup, without a deadline: they wait', queue: lates(3, { rollup: 'zap' }), left: 9, first: 0 },
  ])('$why', ({ queue, left = 4, first }) => {
    const urgent = { ...proof, from: 90, to: 90, lastBlock: 100 + left }
    const signed = planSending(viewOf({ queue: [...queue, urgent] })).actions.flatMap((action) =>
      action.kind === 'sign' ? [action.intent] : [],
    )
    expect(signed.indexOf(urgent)).toBe(first)
  })
})

describe('sixteen late proofs in flight, and a proof that has no nonce', () => {
  const inFlight = (p: Partial<SequenceIntent> = {}) =>
    lates(16, p).map((one, i) => row({ nonce: 3 + i, intent: one, sentAtBlock: 99 }))
  const urgent = (left: number) => ({ ...proof, from: 90, to: 90, lastBlock: 100 + left })
  const taken = (attempts: UnfinalAttempt[], wanted: Intent) => {
    const { actions } = planSending(viewOf({ queue: [wanted], attempts }))
    return actions.flatMap((action) => (action.kind === 'sign' && action.intent === wanted ? [action.nonce] : []))
  }

  test.each([1, 2, 3, 4])('with %i blocks left: it gets the lowest nonce', (left) => {
    expect(taken(inFlight(), urgent(left))).toEqual([3])
    expect(taken(inFlight({ rollup: 'zap', lastBlock: 120 }), urgent(left))).toEqual([3])
  })

  test.each<{ why: string; attempts: UnfinalAttempt[]; wanted: Intent; nonces: number[] }>([
    { why: 'with time left it waits for a nonce', attempts: inFlight(), wanted: urgent(5), nonces: [] },
    {
      why: 'those that end before it keep theirs',
      attempts: inFlight({ lastBlock: 102 }),
      wanted: urgent(4),
      nonces: [],
    },
    {
      why: 'one that has offered all of the cap can not be replaced, the next one can',
      attempts: inFlight().map((one, i) => (i === 0 ? { ...one, fees: fees(CAP, CAP) } : one)),
      wanted: urgent(4),
      nonces: [4],
    },
    {
      why: 'of hashes that follow each other the last one gives way',
      attempts: lates(16).map((one, i) => row({ nonce: 3 + i, intent: { ...one, step: 'commit' }, sentAtBlock: 99 })),
      wanted: urgent(4),
      nonces: [18],
    },
    {
      why: 'a late one in its last blocks is no less urgent',
      attempts: inFlight(),
      wanted: intent('prove-late', { lastBlock: 103 }),
      nonces: [3],
    },
  ])('$why', ({ attempts, wanted, nonces }) => expect(taken(attempts, wanted)).toEqual(nonces))
})

test('a proof that comes in its last blocks lands, whatever late proofs are before it, if each block takes one transaction', () => {
  const blocks = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })
  const some = fc.array(
    fc.record({ rollup: fc.constantFrom('pay', 'zap'), lastBlock: fc.constantFrom(null, 60, 90) }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(some, blocks, fc.integer({ min: 1, max: 4 }), (late, before, left) => {
      const world = new SenderSimulation()
      late.forEach((one, i) => {
        world.happen({
          kind: 'intent',
          intent: intent('prove-late', { from: 10 + i, to: 10 + i, firstBlock: 0, ...one }),
        })
      })
      for (const takes of before) passAndMine(world, takes)
      const urgent = intent('prove', { from: 90, to: 90, firstBlock: 0, lastBlock: world.head + left })
      world.happen({ kind: 'intent', intent: urgent })
      for (let i = 0; i < left; i++) passAndMine(world, 1)
      expect(world.hasEffect(urgent)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

function passAndMine(world: SenderSimulation, takes: number): void {
  world.pass()
  world.happen({ kind: 'block', baseFee: 10n, takes })
}
