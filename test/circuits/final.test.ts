import { hexToBigInt } from 'viem/utils'
import { beforeAll, describe, expect, test } from 'vitest'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import type { StatementFields } from '../../kinds/payments/statement-fields.ts'
import { type FinalStatement, inputSnark, word } from '../../protocol/proof/public-input.ts'
import { childOf, fieldsOf, statementOf } from './support/children.ts'
import { type Circuit, loadCircuit } from './support/circuits.ts'

const MINER = '0xffffffffffffffffffffffffffffffffffffffff'
const OTHER = '0x000000000000000000000000000000000000beef'
const WRONG_HASH = 'input_hash must be that of the statement and the miner'

const statement = statementOf(9)
// The committed constant is 0, as is the hash of the child's key.
const fields = { ...fieldsOf(statement), agg_key_hash: word(0n) }
const said: FinalStatement = { miner: MINER, statement, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT }

let circuit: Circuit

beforeAll(async () => {
  circuit = await loadCircuit('final')
})

/** Executes the circuit with what it says when the contract says `hashed`. */
const bind = (p: { hashed?: FinalStatement; fields?: StatementFields; miner?: string; keyHash?: `0x${string}` }) =>
  circuit.execute({
    child: childOf(p.fields ?? fields, p.keyHash),
    miner: p.miner ?? MINER,
    input_hash: word(inputSnark(p.hashed ?? said)),
  })

test("the public input is the contract's hash, whatever its size", async () => {
  await bind({})
  for (const miner of ['0x01', '0x02', '0x03', '0x04', '0x05', '0x06', '0x07', '0x08'] as const) {
    const address = word(hexToBigInt(miner)).replace('0x000000000000000000000000', '0x') as `0x${string}`
    await bind({ miner: address, hashed: { ...said, miner: address } })
  }
})

describe('nothing else is accepted', () => {
  test("another miner's address", () => expect(bind({ miner: OTHER })).rejects.toThrow(WRONG_HASH))

  test('a local exit root other than 0', () =>
    expect(bind({ hashed: { ...said, newLocalExitRoot: word(1n) } })).rejects.toThrow(WRONG_HASH))

  test.each(Object.keys(fields).filter((field) => field !== 'agg_key_hash'))(
    "another %s than the contract's",
    (field) => expect(bind({ fields: { ...fields, [field]: word(98n) } })).rejects.toThrow(WRONG_HASH),
  )

  test('a miner of more than 160 bits', () => expect(bind({ miner: `0x01${MINER.slice(2)}` })).rejects.toThrow())

  test('a child of another aggregate key', () =>
    expect(bind({ fields: { ...fields, agg_key_hash: word(1n) } })).rejects.toThrow(
      "agg_key_hash must be the aggregate circuit's",
    ))

  test('a child that is neither batch nor aggregate', () =>
    expect(bind({ keyHash: word(1n) })).rejects.toThrow('a child must be a batch or an aggregate proof'))
})
