import { beforeAll, describe, expect, test } from 'vitest'
import type { StatementFields } from '../../kinds/payments/statement-fields.ts'
import { word } from '../../protocol/proof/public-input.ts'
import { joinStatements } from '../../protocol/proof/statement.ts'
import { AGG_KEY_HASH, BATCH_KEY_HASH, childOf, fieldsOf, statementOf } from './support/children.ts'
import { type Circuit, loadCircuit } from './support/circuits.ts'

const [left, right] = [fieldsOf(statementOf(8)), fieldsOf(statementOf(9))]
const joined = fieldsOf(joinStatements([statementOf(8), statementOf(9)]))
const OTHER = word(99n)

let circuit: Circuit

beforeAll(async () => {
  circuit = await loadCircuit('aggregate')
})

const aggregate = (p: {
  left?: StatementFields
  right?: StatementFields
  keys?: [string, string]
  statement?: StatementFields
}) => {
  const [leftKey, rightKey] = (p.keys ?? [BATCH_KEY_HASH, BATCH_KEY_HASH]) as (typeof BATCH_KEY_HASH)[]
  return circuit.execute({
    left: childOf(p.left ?? left, leftKey),
    right: childOf(p.right ?? right, rightKey),
    statement: p.statement ?? joined,
  })
}

test.each([
  { keys: [BATCH_KEY_HASH, BATCH_KEY_HASH] as [string, string], what: 'two batches' },
  { keys: [AGG_KEY_HASH, BATCH_KEY_HASH] as [string, string], what: 'an aggregate and a batch' },
  { keys: [BATCH_KEY_HASH, AGG_KEY_HASH] as [string, string], what: 'a batch and an aggregate' },
  { keys: [AGG_KEY_HASH, AGG_KEY_HASH] as [string, string], what: 'two aggregates' },
])('neighbours are joined: $what', ({ keys }) => aggregate({ keys }))

describe('a child is a batch or an aggregate', () => {
  const why = 'a child must be a batch or an aggregate proof'
  test('the left one', () => expect(aggregate({ keys: [OTHER, BATCH_KEY_HASH] })).rejects.toThrow(why))
  test('the right one', () => expect(aggregate({ keys: [BATCH_KEY_HASH, OTHER] })).rejects.toThrow(why))
})

describe('children meet', () => {
  test.each<{ field: keyof StatementFields; why: string }>([
    { field: 'old_state_root', why: "right must start from left's state root" },
    { field: 'old_acc_hi', why: "right must start from left's accumulated hash (high limb)" },
    { field: 'old_acc_lo', why: "right must start from left's accumulated hash (low limb)" },
    { field: 'old_batch_num', why: "right must start from left's batch number" },
    { field: 'chain_id', why: 'left and right must have one chain id' },
    { field: 'fork_id', why: 'left and right must have one fork id' },
    { field: 'agg_key_hash', why: 'left and right must have one aggregate key' },
  ])('in $field', ({ field, why }) => expect(aggregate({ right: { ...right, [field]: OTHER } })).rejects.toThrow(why))

  test('in order: not the later one first', () =>
    expect(aggregate({ left: right, right: left })).rejects.toThrow('right must start from'))

  test('without overlap: not one child twice', () =>
    expect(aggregate({ right: left })).rejects.toThrow('right must start from'))
})

describe('the statement is that of both', () => {
  const fields = Object.keys(joined) as (keyof StatementFields)[]
  test.each(fields.filter((field) => field !== 'agg_key_hash'))('in %s', (field) =>
    expect(aggregate({ statement: { ...joined, [field]: OTHER } })).rejects.toThrow(
      'must be that of the two children together',
    ),
  )

  test('in agg_key_hash, even if a child is of that other key', async () => {
    const statement = { ...joined, agg_key_hash: OTHER }
    await expect(aggregate({ keys: [OTHER, BATCH_KEY_HASH], statement })).rejects.toThrow(
      'must be that of the two children together',
    )
  })
})
