import { beforeAll, describe, expect, test } from 'vitest'
import { stateRoot, withAccount } from '../../kinds/payments/account-tree.ts'
import { batchCircuitInput } from '../../kinds/payments/circuit-input.ts'
import { EMPTY_SLOT } from '../../kinds/payments/transfer.ts'
import { chainAccInputHash } from '../../kinds/sequence-of-2023.ts'
import { type Circuit, loadCircuit } from './support/circuits.ts'
import { forced, INVALID_TRANSFERS } from './support/invalid-transfers.ts'
import { execute, initialTree, type MainInput, mainInput, type Scenario, slotOf } from './support/scenario.ts'

const OTHER_ROOT = 'new_state_root must be the root after the posted transfers'
const OTHER_HASH = 'must be that of the posted batch'
const NO_SENDER = "the sender's account must be in the state"
const NO_RECIPIENT = "the recipient's account must be in the state"

let circuit: Circuit
let honest: Scenario

beforeAll(async () => {
  circuit = await loadCircuit('batch')
  honest = await execute([{ from: 0, to: 1, amount: 10n }])
})

const refuses = (input: object, why: string | RegExp) => expect(circuit.execute(input)).rejects.toThrow(why)

/** Changes the honest input. */
function changed(change: (input: MainInput) => void): MainInput {
  const input = structuredClone(mainInput(honest))
  change(input)
  return input
}

test('the honest input is accepted', () => circuit.execute(mainInput(honest)))

describe('no effect can be claimed for', () => {
  test.each(INVALID_TRANSFERS)('$why', async ({ wish }) => {
    const scenario = await execute([wish])
    const newStateRoot = stateRoot(forced(await slotOf(wish)))
    await refuses(mainInput({ ...scenario, statement: { ...scenario.statement, newStateRoot } }), OTHER_ROOT)
  })

  test('an overdraft, even with the paths of a state in which it was paid', async () => {
    const wish = { from: 0, to: 1, amount: 1001n }
    const scenario = await execute([wish])
    const [slot] = scenario.slots
    if (slot === undefined) throw new Error('A batch has slots.')
    const paid = withAccount(initialTree, 0, { ...slot.sender, balance: 2n ** 64n - 1n, nonce: 1n })
    const { slots } = await execute([], { ...scenario.after, tree: paid })
    const [{ recipientSiblings } = slot] = slots
    await refuses(
      mainInput({ ...scenario, slots: [{ ...slot, recipientSiblings }, ...scenario.slots.slice(1)] }),
      NO_RECIPIENT,
    )
  })
})

describe('a valid transfer', () => {
  test('can not be skipped', async () => {
    await refuses(
      changed(({ statement }) => {
        statement.new_state_root = statement.old_state_root
      }),
      OTHER_ROOT,
    )
  })

  test('can not be taken for an empty slot', async () => {
    const empty = await execute([EMPTY_SLOT])
    const posted = { ...empty.statement, newAccInputHash: honest.statement.newAccInputHash }
    await refuses(mainInput({ ...empty, statement: posted }), OTHER_HASH)
  })
})

describe('the state is the one of the statement', () => {
  test.each<{ what: string; change(input: MainInput): void; why: string }>([
    { what: 'the old root', change: ({ statement }) => bump(statement, 'old_state_root'), why: NO_SENDER },
    {
      what: "a hash beside the sender's path",
      change: (input) => bump(slot(input).sender_siblings, 3),
      why: NO_SENDER,
    },
    {
      what: "a hash beside the recipient's path",
      change: (input) => bump(slot(input).recipient_siblings, 15),
      why: NO_RECIPIENT,
    },
    { what: "the sender's balance", change: (input) => bump(slot(input).sender, 'balance'), why: NO_SENDER },
    { what: "the sender's nonce", change: (input) => bump(slot(input).sender, 'nonce'), why: NO_SENDER },
    { what: "the recipient's balance", change: (input) => bump(slot(input).recipient, 'balance'), why: NO_RECIPIENT },
    { what: "the recipient's key", change: (input) => flip(slot(input).recipient.key_y), why: NO_RECIPIENT },
  ])('not with another value for $what', ({ change, why }) => refuses(changed(change), why))

  test("not with another account's place", async () => {
    const { slots } = await execute([{ from: 2, to: 3, amount: 10n }])
    await refuses(mainInput({ ...honest, slots }), NO_SENDER)
  })
})

describe('the data is what was posted', () => {
  test.each<{ what: string; change(input: MainInput): void }>([
    { what: 'byte of a transfer', change: ({ batch }) => flip(batch.data, 10) },
    { what: 'byte of an empty slot', change: ({ batch }) => flip(batch.data, 351) },
    { what: 'exit root', change: ({ batch }) => flip(batch.global_exit_root) },
    { what: 'timestamp', change: ({ batch }) => bump(batch, 'timestamp') },
    { what: 'sequencer', change: ({ batch }) => flip(batch.coinbase) },
    { what: 'accumulated hash before (high limb)', change: ({ statement }) => bump(statement, 'old_acc_hi') },
    { what: 'accumulated hash before (low limb)', change: ({ statement }) => bump(statement, 'old_acc_lo') },
    { what: 'accumulated hash after (high limb)', change: ({ statement }) => bump(statement, 'new_acc_hi') },
    { what: 'accumulated hash after (low limb)', change: ({ statement }) => bump(statement, 'new_acc_lo') },
  ])('not with another $what', ({ change }) => refuses(changed(change), OTHER_HASH))

  test('not with transfers of another batch, hashed as if they were this one', async () => {
    const other = await execute([{ from: 0, to: 1, amount: 11n }])
    const newAccInputHash = chainAccInputHash(honest.statement.oldAccInputHash, honest.batch)
    await refuses(mainInput({ ...other, statement: { ...other.statement, newAccInputHash } }), OTHER_HASH)
  })
})

describe('the place is the one of the statement', () => {
  test('not on another chain', () => refuses(changed(reblinded('1002')), NO_RECIPIENT))

  test.each(['0x29', '0x2b', '0x0'])('not as batch %s', (number) => {
    const input = changed(({ statement }) => {
      statement.new_batch_num = number as `0x${string}`
    })
    return refuses(input, 'new_batch_num must be old_batch_num + 1')
  })

  test('not with a batch number of more than 64 bits', () => {
    const input = changed(({ statement }) => {
      statement.new_batch_num = '0x10000000000000000'
    })
    return refuses(input, /.+/)
  })

  test('not with a limb of more than 128 bits', () => {
    const input = changed(({ statement }) => {
      statement.old_acc_lo = `0x1${'00'.repeat(16)}`
    })
    return refuses(input, /.+/)
  })
})

describe('the blinding is the one of the signature', () => {
  test.each<{ what: string; change(blinding: MainInput['blindings'][number]): void }>([
    { what: 'key (x)', change: (blinding) => flip(blinding.key_x) },
    { what: 'key (y)', change: (blinding) => flip(blinding.key_y) },
    { what: 'digest', change: (blinding) => flip(blinding.digest) },
    { what: 'slope', change: ({ slope }) => bump(slope, 1) },
    { what: 'inverse', change: ({ inverse }) => bump(inverse, 2) },
    { what: 'first quotient', change: ({ quotients }) => bump(quotients[0] ?? [], 0) },
    { what: 'last quotient', change: ({ quotients }) => bump(quotients[4] ?? [], 1) },
  ])('not with another $what', ({ change }) =>
    refuses(
      changed(({ blindings: [first] }) => first && change(first)),
      /call to assert_max_bit_size|congruent/,
    ),
  )

  test.each([5, 8])('not with constant %i', (point) => {
    const input = changed(({ blindings: [first] }) => {
      if (first) first.point = point // they are eight, from 0 on
    })
    return refuses(input, /assert_max_bit_size|congruent|out of bounds/)
  })

  test('not with zeroes for the sum', () => {
    const input = changed(({ blindings: [first] }) => {
      first?.key_x.fill(0)
    })
    return refuses(input, /assert_max_bit_size|congruent/)
  })
})

function slot({ slots: [first] }: MainInput) {
  if (first === undefined) throw new Error('A batch has slots.')
  return first
}

/** Adds one to a hexadecimal number. */
function bump<K extends string | number>(object: Record<K, unknown> | unknown[], key: K): void {
  const record = object as Record<K, string>
  record[key] = `0x${(BigInt(record[key]) + 1n).toString(16)}`
}

/** Changes a bit of a byte. */
function flip(bytes: number[], at = 0): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1
}

/** Gives the honest batch another chain, with blindings to match: what is left to object to is the effect. */
const reblinded = (chainId: string) => (input: MainInput) => {
  const statement = { ...honest.statement, chainId }
  const { choices } = batchCircuitInput({ ...honest, statement })
  input.statement.chain_id = `0x${BigInt(chainId).toString(16)}`
  input.blindings = choices[0]?.blindings ?? []
}
