import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { accountAt, stateRoot } from '../../kinds/payments/account-tree.ts'
import { BLINDING_POINTS } from '../../kinds/payments/blinding.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type Circuit, loadCircuit } from './support/circuits.ts'
import { INVALID_TRANSFERS } from './support/invalid-transfers.ts'
import {
  execute,
  initialState,
  initialTree,
  mainInput,
  NOBODY,
  RICH,
  RICHES,
  type Scenario,
  WEAK,
  type Wish,
} from './support/scenario.ts'

let circuit: Circuit

beforeAll(async () => {
  circuit = await loadCircuit('batch')
})

/** Expects that the circuit accepts the statement, new root included: both agree on what the batch does. */
const accepts = (scenario: Scenario, choice?: number) => circuit.execute(mainInput(scenario, choice))

const balances = ({ after }: Scenario) => [0, 1, 2, 3, WEAK, RICH].map((index) => accountAt(after.tree, index).balance)

describe('a batch that moves balances', () => {
  test('of four valid transfers, each building on the one before', async () => {
    const scenario = await execute([
      { from: 0, to: 1, amount: 1000n },
      { from: 1, to: 2, amount: 2000n },
      { from: 2, to: 0, amount: 3000n },
      { from: 0, to: 3, amount: 3000n, nonce: 1n },
    ])
    expect(scenario.statuses).toEqual(['applied', 'applied', 'applied', 'applied'])
    expect(balances(scenario)).toEqual([0n, 0n, 0n, 4000n, 1000n, RICHES])
    await accepts(scenario)
  })

  test('of valid, invalid and no transfers', async () => {
    const scenario = await execute([
      { from: RICH, to: 0, amount: RICHES - 1000n },
      { from: 1, to: NOBODY, amount: 1n },
      { from: 3, to: 2, amount: 0n },
    ])
    expect(scenario.statuses).toEqual(['applied', 'no-recipient', 'applied', 'empty'])
    expect(balances(scenario)).toEqual([RICHES, 1000n, 1000n, 1000n, 1000n, 1000n])
    await accepts(scenario)
  })

  test('after another batch', async () => {
    const first = await execute([{ from: 0, to: 1, amount: 5n }])
    const second = await execute([{ from: 0, to: 1, amount: 6n, nonce: 1n }], first.after)
    expect(second.statement).toMatchObject({
      oldBatchNum: 42,
      newBatchNum: 43,
      oldStateRoot: first.statement.newStateRoot,
    })
    await accepts(second)
  })
})

describe('a batch that changes nothing', () => {
  const unchanged = (scenario: Scenario) => expect(stateRoot(scenario.after.tree)).toBe(stateRoot(initialTree))

  test('of empty slots', async () => {
    const scenario = await execute([])
    expect(scenario.statuses).toEqual(['empty', 'empty', 'empty', 'empty'])
    unchanged(scenario)
    await accepts(scenario)
  })

  test('of bytes that are nothing', async () => {
    const scenario = await execute(['00', 'ff', '5a', '01'].map((byte): Hex => `0x${byte.repeat(88)}`))
    unchanged(scenario)
    await accepts(scenario)
  })

  const quarters = Array.from({ length: Math.ceil(INVALID_TRANSFERS.length / 4) }, (_, i) =>
    INVALID_TRANSFERS.slice(i * 4, i * 4 + 4),
  )
  test.each(quarters.map((cases) => ({ cases, why: cases.map((one) => one.why).join(', ') })))(
    'of $why',
    async ({ cases }) => {
      const scenario = await execute(cases.map(({ wish }) => wish))
      expect(scenario.statuses.slice(0, cases.length)).toEqual(cases.map(({ status }) => status))
      unchanged(scenario)
      await accepts(scenario)
    },
  )
})

test.each(Array.from({ length: BLINDING_POINTS }, (_, choice) => ({ choice })))(
  'any blinding will do: $choice',
  async ({ choice }) => {
    const valid = { from: 0, to: 1, amount: 1n }
    const scenario = await execute([valid, { ...valid, nonce: 1n, signer: 2 }, { from: NOBODY, to: 1, amount: 0n }])
    expect(scenario.statuses).toEqual(['applied', 'bad-signature', 'no-sender', 'empty'])
    await accepts(scenario, choice)
  },
)

test('whatever is posted, circuit and executor agree, and no money is made', async () => {
  const all = (scenario: Scenario) => balances(scenario).reduce((sum, balance) => sum + balance)
  const total = 5000n + RICHES
  await fc.assert(
    fc.asyncProperty(fc.array(anySlot, { maxLength: 4 }), async (wishes) => {
      const scenario = await execute(wishes, initialState)
      await accepts(scenario)
      expect(all(scenario)).toBe(total)
    }),
    { numRuns: 12 },
  )
})

const anyIndex = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 1, 2, 3, WEAK, RICH) },
  fc.constantFrom(NOBODY, 65536, 2 ** 32 - 1),
)

const anyWish: fc.Arbitrary<Wish> = fc.record({
  from: anyIndex,
  to: anyIndex,
  amount: fc.oneof(fc.bigInt(0n, 2000n), fc.bigInt(0n, RICHES)),
  nonce: fc.bigInt(0n, 1n),
  chainId: fc.constantFrom('1001', '1001', '1001', '1002'),
})

const anyBytes = fc
  .uint8Array({ minLength: 88, maxLength: 88 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`)

const anySlot: fc.Arbitrary<Wish | Hex> = fc.oneof({ weight: 8, arbitrary: anyWish }, anyBytes)
