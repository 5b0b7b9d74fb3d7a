import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fees } from '../../protocol/fees.ts'
import type { IntentFate } from '../../protocol/intent-fate.ts'
import { planSending } from '../../protocol/sender-plan.ts'
import { canLand, type Intent, intentId, type SequenceIntent } from '../../protocol/sender-queue.ts'
import type { SenderAction, SenderView, UnfinalAttempt } from '../../protocol/sender-view.ts'
import { SenderSimulation, type SimulatedEvent } from './sender-simulation.ts'

const CAP = 1_000n

describe('what becomes of one nonce', () => {
  const proof = intent('prove', { lastBlock: 200 })
  const commit = intent('commit', { from: 5, to: 6 })
  const claim = intent('claim', { from: 7, to: 7 })

  test.each<{ why: string; view: Partial<SenderView>; fates?: [Intent, IntentFate][]; actions: object[] }>([
    {
      why: 'a new intent gets the next nonce at twice the base fee',
      view: { queue: [commit] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 0, intent: commit, fees: fees(201n, 1n) }],
    },
    {
      why: 'what was stored and perhaps never sent is sent, with the same bytes',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: null })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0, txHash: '0x30' }],
    },
    {
      why: 'what a pool may have dropped is sent again',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: 99 })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0, txHash: '0x30' }],
    },
    {
      why: 'after its patience an attempt is replaced at an eighth more, or at what the market asks for',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: 97, fees: fees(240n, 8n) })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: commit, fees: fees(270n, 9n) }],
    },
    {
      why: 'what an admin hurries is replaced in the block of its broadcast',
      view: { queue: [commit], attempts: [row({ intent: commit, fees: fees(240n, 8n) })], hurried: ['0x30'] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: commit, fees: fees(270n, 9n) }],
    },
    {
      why: 'what an admin hurried is replaced once: the replacement has another hash',
      view: { queue: [commit], attempts: [row({ intent: commit }), row({ attempt: 1, intent: commit })], hurried: ['0x30'] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 1 }],
    },
    {
      why: 'what an admin hurries behind an unmined nonce is replaced, that nonce is not',
      view: {
        queue: [commit, claim],
        attempts: [row({ intent: claim }), row({ nonce: 4, intent: commit })],
        hurried: ['0x40'],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'sign', nonce: 4, attempt: 1, intent: commit },
      ],
    },
    {
      why: 'what an admin hurries stays below the cap',
      view: { queue: [proof], attempts: [row({ intent: proof, fees: fees(CAP, 100n) })], hurried: ['0x30'] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0 }],
    },
    {
      why: 'behind an unmined nonce nothing is raised for its wait',
      view: {
        queue: [commit, claim],
        attempts: [row({ intent: claim, sentAtBlock: 99 }), row({ nonce: 4, intent: commit, sentAtBlock: 90 })],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a nonce hurries for the proof that waits behind it',
      view: {
        queue: [{ ...proof, lastBlock: 103 }, claim],
        attempts: [row({ intent: claim, sentAtBlock: 99 }), row({ nonce: 4, intent: { ...proof, lastBlock: 103 }, sentAtBlock: 100 })],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: claim },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a transaction that became useless hands its nonce to the next intent, raised',
      view: { queue: [commit, proof], attempts: [row({ intent: commit, fees: fees(240n, 8n) })] },
      fates: [[commit, { kind: 'hopeless', why: 'the round is over' }]],
      actions: [
        { kind: 'drop', intent: commit, why: 'the round is over' },
        { kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(270n, 9n) },
      ],
    },
    {
      why: 'without a next intent it is replaced by an empty self-transfer',
      view: { attempts: [row({ intent: { ...proof, lastBlock: 100 } })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null }],
    },
    {
      why: 'an empty self-transfer that is out gives its nonce to a new intent',
      view: { queue: [proof], attempts: [row({ intent: null, attempt: 1 })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 2, intent: proof }],
    },
    {
      why: 'other calldata for the same step replaces the old under its own nonce, at once',
      view: { queue: [commit], attempts: [row({ intent: { ...commit, finalProof: finalProof('02') } }), row({ nonce: 4, intent: proof })] },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: commit },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a proof that became late stays the same transaction, with the new window',
      view: { queue: [{ ...proof, step: 'prove-late', lastBlock: null }], attempts: [row({ intent: { ...proof, lastBlock: 100 } })] },
      fates: [[{ ...proof, step: 'prove-late' }, { kind: 'wanted' }]],
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
    {
      why: 'an intent that lost its nonce to another attempt gets a new one',
      view: {
        nonceAtHead: 4,
        queue: [proof],
        attempts: [row({ intent: commit, receipt: { blockNumber: 100, status: 'success' } }), row({ attempt: 1, intent: proof })],
      },
      fates: [[commit, { kind: 'done', isFinal: false }]],
      actions: [{ kind: 'sign', nonce: 4, attempt: 0, intent: proof }],
    },
    {
      why: 'a replaced attempt that may yet be mined keeps its intent from a second nonce',
      view: { queue: [claim], attempts: [row({ intent: claim }), row({ attempt: 1, intent: proof })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 1 }],
    },
    {
      why: 'an intent that a reorg left under two nonces keeps the lower one',
      view: { queue: [proof], attempts: [row({ intent: proof }), row({ nonce: 4, intent: proof })] },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'sign', nonce: 4, attempt: 1, intent: null },
      ],
    },
    {
      why: 'a foreign transaction took the nonce: ours is sent under a new one, and the rows end when it is final',
      view: {
        nonceAtHead: 5,
        nonceAtFinal: 4,
        queue: [commit, proof],
        attempts: [row({ intent: commit }), row({ nonce: 4, intent: proof })],
      },
      actions: [
        { kind: 'finish', nonce: 3, minedAttempt: null },
        { kind: 'sign', nonce: 5, intent: proof },
        { kind: 'sign', nonce: 6, intent: commit },
      ],
    },
    {
      why: 'a final nonce ends with the attempt that was mined',
      view: {
        nonceAtHead: 4,
        nonceAtFinal: 4,
        attempts: [row({ intent: commit }), row({ attempt: 1, intent: commit, receipt: { blockNumber: 90, status: 'success' } })],
      },
      fates: [[commit, { kind: 'done', isFinal: true }]],
      actions: [{ kind: 'finish', nonce: 3, minedAttempt: 1 }],
    },
    {
      why: 'at the cap a useless transaction is still given up, for pools that have dropped it',
      view: { attempts: [row({ intent: { ...proof, lastBlock: 100 }, fees: fees(CAP, 8n) })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, 9n) }],
    },
    {
      why: 'a skipped nonce is filled first',
      view: { queue: [commit, proof], attempts: [row({ nonce: 4, intent: commit })] },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 0, intent: proof },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'what reverted once is tried again in the next block',
      view: { nonceAtHead: 4, queue: [proof], attempts: [row({ intent: proof, receipt: { blockNumber: 100, status: 'reverted' } })] },
      actions: [{ kind: 'sign', nonce: 4, intent: proof }],
    },
    {
      why: 'what reverted twice waits',
      view: {
        nonceAtHead: 5,
        queue: [proof],
        attempts: [
          row({ intent: proof, receipt: { blockNumber: 99, status: 'reverted' } }),
          row({ nonce: 4, intent: proof, receipt: { blockNumber: 100, status: 'reverted' } }),
        ],
      },
      actions: [],
    },
    {
      why: 'a proof that a contract took without accepting it (2023: punished) is never sent again',
      view: { nonceAtHead: 4, queue: [proof], attempts: [row({ intent: proof, receipt: { blockNumber: 100, status: 'success' } })] },
      actions: [{ kind: 'drop', intent: proof, why: 'its transaction ran and its effect does not stand' }],
    },
    {
      why: 'an intent whose block has not come is not signed',
      view: { queue: [{ ...proof, firstBlock: 102 }] },
      actions: [],
    },
    {
      why: 'an intent that is over is dropped',
      view: { queue: [{ ...proof, lastBlock: 100 }] },
      actions: [{ kind: 'drop', why: 'block 100 was its last' }],
    },
    {
      why: 'what stands, but not finally, is neither sent nor dropped',
      view: { queue: [commit] },
      fates: [[commit, { kind: 'done', isFinal: false }]],
      actions: [],
    },
    {
      why: 'nothing is signed while the base fee is above the cap',
      view: { queue: [proof], market: { baseFeePerGas: CAP + 1n, priorityFeePerGas: 1n } },
      actions: [],
    },
    {
      why: 'in a paused contract nothing is sent',
      view: { queue: [commit], attempts: [row({ intent: proof })] },
      fates: [
        [commit, { kind: 'held', why: 'paused' }],
        [proof, { kind: 'held', why: 'paused' }],
      ],
      actions: [],
    },
  ])('$why', ({ view, fates: given = [], actions }) => {
    const plan = planSending(viewOf(view, given))
    expect(plan.actions).toMatchObject(actions)
    expect(plan.actions).toHaveLength(actions.length)
  })

  test('late proofs, proofs, hashes and claims get nonces in this order, the lower batch first', () => {
    const late = intent('prove-late', { from: 9, to: 9 })
    const early = intent('prove', { from: 3, to: 4, lastBlock: 200 })
    const { actions } = planSending(viewOf({ queue: [claim, commit, intent('prove', { from: 5, to: 6, lastBlock: 200 }), early, late] }))
    expect(actions.map((action) => 'intent' in action && nameOf(action))).toEqual([
      'prove-late 9',
      'prove 3',
      'prove 5',
      'commit 5',
      'claim 7',
    ])
  })
})

describe('laws', () => {
  test('in any history: no gap, one live nonce per intent, fees only rise, nothing is signed that cannot land', () => {
    fc.assert(
      fc.property(fc.array(anyEvent(), { maxLength: 60 }), (events) => {
        const world = new SenderSimulation()
        for (const event of events) {
          world.happen(event)
          const before = world.view()
          assertLaws(before, world.pass())
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
})

// Helpers

const nameOf = (action: SenderAction): string =>
  'intent' in action && action.intent !== null && action.intent.step !== 'stake'
    ? `${action.intent.step} ${action.intent.from}`
    : action.kind

function assertLaws(view: SenderView, actions: readonly SenderAction[]): void {
  const signs = actions.flatMap((action) => (action.kind === 'sign' ? [action] : []))
  const nonces = new Set([...view.attempts, ...signs].map((one) => one.nonce))
  const top = Math.max(view.nonceAtHead - 1, ...nonces)
  if (signs.length > 0) for (let nonce = view.nonceAtHead; nonce <= top; nonce++) expect(nonces, `nonce ${nonce}`).toContain(nonce)
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
    if (signed.intent) assertCanLandOnce(view, signed.intent, signed.nonce, signs)
  }
  if (view.market.baseFeePerGas <= CAP) assertHopelessReplaced(view, signs)
}

/** What a reorg made useless or harmful is replaced in the same pass. */
function assertHopelessReplaced(view: SenderView, signs: readonly { nonce: number }[]): void {
  for (const nonce of new Set(view.attempts.map((one) => one.nonce).filter((one) => one >= view.nonceAtHead))) {
    const newest = view.attempts.filter((one) => one.nonce === nonce).at(-1)?.intent
    if (newest && view.fates[intentId(newest)]?.kind === 'hopeless') expect(signs.map((one) => one.nonce)).toContain(nonce)
  }
}

function assertCanLandOnce(
  view: SenderView,
  wanted: Intent,
  nonce: number,
  signs: readonly { nonce: number; intent: Intent | null }[],
): void {
  expect(view.fates[intentId(wanted)]).toEqual({ kind: 'wanted' })
  expect(canLand(wanted, view.head)).toBe(true)
  const homes = [...view.attempts, ...signs].filter(
    (one) => one.nonce >= view.nonceAtHead && one.intent && intentId(one.intent) === intentId(wanted),
  )
  const isNew = !view.attempts.some((one) => one.nonce === nonce && one.intent && intentId(one.intent) === intentId(wanted))
  // A reorg can leave an intent under two nonces; no signature of ours may.
  if (isNew) expect(new Set(homes.map((one) => one.nonce))).toEqual(new Set([nonce]))
}

/** Intents for the data that stands in the end that have no last block in any of their versions. */
function unlimited(events: readonly SimulatedEvent[]): Intent[] {
  const given = events.flatMap((event) => (event.kind === 'intent' ? [event.intent] : []))
  const current = events.slice(events.findLastIndex((event) => event.kind === 'other-data') + 1)
  const meant = current.flatMap((event) => (event.kind === 'intent' ? [event.intent] : []))
  return meant.filter((one) => given.every((other) => intentId(other) !== intentId(one) || other.lastBlock === null))
}

function anyEvent(): fc.Arbitrary<SimulatedEvent> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('intent' as const), intent: anyIntent() }) },
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
      intent(step, { from, to: from, firstBlock, lastBlock: blocks === null ? null : firstBlock + blocks, finalProof: finalProof(proof) }),
    )
}

function viewOf(view: Partial<SenderView>, given: readonly [Intent, IntentFate][] = []): SenderView {
  const all = [...(view.queue ?? []), ...(view.attempts ?? []).flatMap((one) => one.intent ?? [])]
  const wanted = all.map((one): [string, IntentFate] => [intentId(one), { kind: 'wanted' }])
  return {
    head: 100,
    nonceAtHead: 3,
    nonceAtFinal: 3,
    attempts: [],
    queue: [],
    fates: Object.fromEntries([...wanted, ...given.map(([one, fate]) => [intentId(one), fate])]),
    market: { baseFeePerGas: 100n, priorityFeePerGas: 1n },
    limits: { maxFeePerGasWei: CAP, patienceBlocks: 3 },
    ...view,
  }
}

function row(p: Partial<UnfinalAttempt>): UnfinalAttempt {
  const { nonce = 3, attempt = 0 } = p
  return { nonce, attempt, intent: null, fees: fees(201n, 1n), txHash: `0x${nonce}${attempt}`, sentAtBlock: 100, receipt: null, ...p }
}

function intent(step: SequenceIntent['step'], p: Partial<SequenceIntent> = {}): SequenceIntent {
  const base = {
    rollup: 'pay',
    from: 1,
    to: 2,
    accInputHash: `0x${'dd'.repeat(32)}` as const,
    contract: `0x${'aa'.repeat(20)}` as const,
    firstBlock: 50,
    lastBlock: null,
  }
  return { ...base, step, finalProof: step === 'claim' ? null : finalProof('01'), ...p }
}

function finalProof(byte: string): SequenceIntent['finalProof'] {
  return { sha256: `0x${byte.repeat(32)}`, size: 1_000, proofHash: `0x${byte.repeat(32)}` }
}

function fees(maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees {
  return { maxFeePerGas, maxPriorityFeePerGas }
}
