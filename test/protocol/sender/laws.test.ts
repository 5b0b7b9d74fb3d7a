import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepingRoom } from '../../../protocol/sender/fees.ts'
import {
  canLand,
  type Intent,
  intentId,
  isProof,
  type SequenceIntent,
  type StakeIntent,
} from '../../../protocol/sender/intent.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderAction, SenderView } from '../../../protocol/sender/view.ts'
import { SenderSimulation, type SimulatedEvent } from './simulation.ts'
import { CAP, finalProof, intent } from './views.ts'

describe('laws of sending', () => {
  test('in any history: no gap, one live nonce per intent, fees only rise, nothing is signed that cannot land', () => {
    fc.assert(
      fc.property(fc.array(anyEvent(), { maxLength: 60 }), (events) => {
        const world = new SenderSimulation()
        for (const event of events) {
          world.happen(event)
          const before = world.view()
          const actions = world.pass()
          assertLaws(before, actions)
          expect(actions.filter((action) => action.kind === 'sign' && world.isUnsignable(action.intent))).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })

  test('when the trouble is over, every intent without a last block has taken effect once, and nothing stays behind', () => {
    fc.assert(
      fc.property(fc.array(anyEvent(), { maxLength: 40 }), (events) => {
        const world = new SenderSimulation()
        for (const event of events) {
          world.happen(event)
          world.pass()
        }
        world.troubled = { judging: null, signing: null, harming: null }
        for (let calm = 0; calm < 90; calm++) {
          world.pass()
          world.happen({ kind: 'block', baseFee: 5n, takes: 20 })
        }
        world.pass()
        expect(unlimited(events).filter((one) => !world.hasEffect(one))).toEqual([])
        expect(world.queue).toEqual([])
        expect(world.rows).toEqual([])
        const effects = world.blocks.flatMap((block) => block.effects)
        expect(new Set(effects).size).toBe(effects.length)
      }),
      { numRuns: 500 },
    )
  })

  test('a deposit is made once though its row is lost, unless a reorg takes back what came before it', () => {
    const deposit = fc.constantFrom<SimulatedEvent>({ kind: 'rows-lost' }, { kind: 'intent', intent: STAKE })
    const withoutReorgs = anyEvent().filter(({ kind }) => kind !== 'reorg')
    fc.assert(
      fc.property(fc.array(fc.oneof(deposit, withoutReorgs), { maxLength: 60, size: 'max' }), (events) => {
        const world = new SenderSimulation()
        for (const event of events) {
          world.happen(event)
          if (event.kind === 'block') world.pass()
        }
        const deposits = world.blocks.flatMap(({ effects }) => effects.filter((id) => id === intentId(STAKE)))
        expect(deposits.length).toBeLessThan(2)
      }),
      { numRuns: 500 },
    )
  })

  test("an intent that can't be judged or signed changes nothing for the others", () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent(), { maxLength: 40 }),
        fc.nat(),
        fc.constantFrom('unjudged', 'held'),
        (events, pick, kind) => {
          const world = new SenderSimulation()
          for (const event of events) {
            world.happen(event)
            if (event.kind === 'block') world.pass()
          }
          const view = world.view()
          const begun = new Set(view.attempts.flatMap((one) => (one.intent ? [intentId(one.intent)] : [])))
          const fresh = view.queue.filter((one) => !begun.has(intentId(one)))
          const broken = fresh[pick % Math.max(1, fresh.length)]
          fc.pre(broken !== undefined)
          const fates = { ...view.fates, [intentId(broken)]: { kind, why: 'a test' } }
          expect(sent({ ...view, fates })).toEqual(sent({ ...view, queue: view.queue.filter((one) => one !== broken) }))
        },
      ),
      { numRuns: 500 },
    )
  })
})

const STAKE: StakeIntent = { step: 'stake', rollup: 'pay', contract: '0x', toWei: '5', firstBlock: 0, lastBlock: null }

/** Tells what a pass broadcasts and signs. */
const sent = (view: SenderView) => planSending(view).actions.filter(({ kind }) => kind !== 'drop')

function assertLaws(view: SenderView, actions: readonly SenderAction[]): void {
  const signs = actions.flatMap((action) => (action.kind === 'sign' ? [action] : []))
  const nonces = new Set([...view.attempts, ...signs].map((one) => one.nonce))
  const top = Math.max(view.nonceAtHead - 1, ...nonces)
  if (signs.length > 0)
    for (let nonce = view.nonceAtHead; nonce <= top; nonce++) expect(nonces, `nonce ${nonce}`).toContain(nonce)
  for (const signed of signs) {
    const previous = view.attempts.filter((one) => one.nonce === signed.nonce)
    expect(signed.nonce).toBeGreaterThanOrEqual(view.nonceAtHead)
    expect(signed.attempt).toBe(previous.length === 0 ? 0 : Math.max(...previous.map((one) => one.attempt)) + 1)
    expect(signed.fees.maxFeePerGas).toBeLessThanOrEqual(CAP)
    for (const { fees: old } of previous) {
      // At the cap there is no room for a raise: the new bytes are for pools that have dropped the old.
      const raise = signed.fees.maxFeePerGas === CAP ? 8n : 9n
      expect(signed.fees.maxFeePerGas * 8n).toBeGreaterThanOrEqual(old.maxFeePerGas * raise)
      expect(signed.fees.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(old.maxPriorityFeePerGas * raise)
    }
    if (signed.intent && !isProof(signed.intent)) expect(signed.fees.maxFeePerGas).toBeLessThanOrEqual(keepingRoom(CAP))
    if (signed.intent) assertCanLandOnce(view, signed.intent, signed.nonce, signs)
  }
  if (view.market.baseFeePerGas <= CAP) assertHopelessReplaced(view, signs)
}

/** Asserts that what a reorg made useless or harmful is replaced in the same pass. */
function assertHopelessReplaced(view: SenderView, signs: readonly { nonce: number }[]): void {
  for (const nonce of new Set(view.attempts.map((one) => one.nonce).filter((one) => one >= view.nonceAtHead))) {
    const newest = view.attempts.filter((one) => one.nonce === nonce).at(-1)?.intent
    if (newest && ['hopeless', 'harmful'].includes(view.fates[intentId(newest)]?.kind ?? ''))
      expect(signs.map((one) => one.nonce)).toContain(nonce)
  }
}

function assertCanLandOnce(
  view: SenderView,
  wanted: Intent,
  nonce: number,
  signs: readonly { nonce: number; intent: Intent | null }[],
): void {
  const isReplacement = view.attempts.some(
    (one) => one.nonce === nonce && one.sentAtBlock !== null && one.intent && intentId(one.intent) === intentId(wanted),
  )
  expect(isReplacement ? ['wanted', 'unjudged'] : ['wanted']).toContain(view.fates[intentId(wanted)]?.kind)
  expect(canLand(wanted, view.head)).toBe(true)
  const homes = [...view.attempts, ...signs].filter(
    (one) => one.nonce >= view.nonceAtHead && one.intent && intentId(one.intent) === intentId(wanted),
  )
  const isNew = !view.attempts.some(
    (one) => one.nonce === nonce && one.intent && intentId(one.intent) === intentId(wanted),
  )
  // A reorg can leave an intent under two nonces; no signature of ours may.
  if (isNew) expect(new Set(homes.map((one) => one.nonce))).toEqual(new Set([nonce]))
}

/** Lists intents for the data that stands in the end that have no last block in any of their versions. */
function unlimited(events: readonly SimulatedEvent[]): Intent[] {
  const given = events.flatMap((event) => (event.kind === 'intent' ? [event.intent] : []))
  const current = events.slice(events.findLastIndex((event) => event.kind === 'other-data') + 1)
  const meant = current.flatMap((event) => (event.kind === 'intent' ? [event.intent] : []))
  return meant.filter((one) => given.every((other) => intentId(other) !== intentId(one) || other.lastBlock === null))
}

function anyEvent(): fc.Arbitrary<SimulatedEvent> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('intent' as const), intent: anyIntent() }) },
    { weight: 1, arbitrary: fc.constant<SimulatedEvent>({ kind: 'intent', intent: STAKE }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('block' as const),
        baseFee: fc.bigInt({ min: 0n, max: 1_200n }),
        takes: fc.integer({ min: 0, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reorg' as const), depth: fc.integer({ min: 1, max: 5 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('trouble' as const),
        of: fc.constantFrom('judging', 'signing', 'harming'),
        from: fc.option(fc.integer({ min: 1, max: 6 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<SimulatedEvent>(
        { kind: 'pool-emptied' },
        { kind: 'foreign' },
        { kind: 'lost-send' },
        { kind: 'other-data' },
      ),
    },
  )
}

function anyIntent(): fc.Arbitrary<SequenceIntent> {
  return fc
    .record({
      step: fc.constantFrom<SequenceIntent['step']>('prove-late', 'prove', 'commit', 'claim'),
      from: fc.integer({ min: 1, max: 6 }),
      firstBlock: fc.integer({ min: 0, max: 12 }),
      blocks: fc.option(fc.integer({ min: 0, max: 30 })),
      proof: fc.constantFrom('01', '02'),
    })
    .map(({ step, from, firstBlock, blocks, proof }) =>
      intent(step, {
        from,
        to: from,
        firstBlock,
        lastBlock: blocks === null ? null : firstBlock + blocks,
        finalProof: finalProof(proof),
      }),
    )
}
