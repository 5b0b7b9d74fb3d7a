import type { Hex } from '../../protocol/base/ranges.ts'
import { type Account, isNoAccount } from './account.ts'
import { type AccountTree, accountAt, siblings, TREE_SIZE, withAccount } from './account-tree.ts'
import { isSignedBy } from './signature.ts'
import { decodeTransfer, EMPTY_SLOT, type Transfer } from './transfer.ts'

const BALANCE_LIMIT = 1n << 64n

/** What became of a slot. Everything but `applied` leaves the state as it was. */
export type SlotStatus =
  | 'applied'
  | 'empty'
  | 'index-out-of-range'
  | 'same-account'
  | 'no-sender'
  | 'no-recipient'
  | 'wrong-nonce'
  | 'overdraft'
  | 'overflow'
  | 'bad-signature'

/** What the circuit is given beside a posted slot: the two accounts and the hashes beside their paths. */
export interface SlotWitness {
  sender: Account
  /** In the state before the transfer, lowest level first. */
  senderSiblings: bigint[]
  recipient: Account
  /** In the state in which the sender has paid. */
  recipientSiblings: bigint[]
}

export interface ExecutedSlot {
  status: SlotStatus
  witness: SlotWitness
  after: AccountTree
}

/** Executes one posted slot. Any 88 bytes will do. It must match `apply` in circuits/lib. */
export function executeTransfer(before: AccountTree, slot: Hex, chainId: bigint): ExecutedSlot {
  const transfer = decodeTransfer(slot)
  // An index outside the tree has no effect; the circuit looks it up at its low 16 bits.
  const [from, to] = [transfer.from % TREE_SIZE, transfer.to % TREE_SIZE]
  const sender = accountAt(before, from)
  const status = slot === EMPTY_SLOT ? 'empty' : judge({ transfer, sender, recipient: accountAt(before, to), chainId })
  const isApplied = status === 'applied'

  const paid = isApplied ? withAccount(before, from, pay(sender, transfer)) : before
  const recipient = accountAt(paid, to)
  const after = isApplied ? withAccount(paid, to, { ...recipient, balance: recipient.balance + transfer.amount }) : paid
  const witness = { sender, senderSiblings: siblings(before, from), recipient, recipientSiblings: siblings(paid, to) }
  return { status, witness, after }
}

const pay = (sender: Account, { amount }: Transfer): Account => ({
  ...sender,
  balance: sender.balance - amount,
  nonce: sender.nonce + 1n,
})

function judge(p: { transfer: Transfer; sender: Account; recipient: Account; chainId: bigint }): SlotStatus {
  const { transfer, sender, recipient } = p
  if (transfer.from >= TREE_SIZE || transfer.to >= TREE_SIZE) return 'index-out-of-range'
  if (transfer.from === transfer.to) return 'same-account'
  if (isNoAccount(sender)) return 'no-sender'
  if (isNoAccount(recipient)) return 'no-recipient'
  if (transfer.nonce !== sender.nonce) return 'wrong-nonce'
  if (transfer.amount > sender.balance) return 'overdraft'
  if (recipient.balance + transfer.amount >= BALANCE_LIMIT) return 'overflow'
  return isSignedBy(sender, transfer, p.chainId) ? 'applied' : 'bad-signature'
}
