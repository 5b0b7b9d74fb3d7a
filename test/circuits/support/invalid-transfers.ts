import { sha256 } from 'viem/utils'
import type { Account } from '../../../kinds/payments/account.ts'
import { accountAt, TREE_SIZE, withAccount } from '../../../kinds/payments/account-tree.ts'
import type { SlotStatus } from '../../../kinds/payments/execute-transfer.ts'
import { GROUP_ORDER, invert, mod } from '../../../kinds/payments/secp256k1.ts'
import { decodeTransfer, type Transfer, transferMessage } from '../../../kinds/payments/transfer.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import { BREAKING, IDS, initialTree, keyOf, NOBODY, RICH, type Wish } from './scenario.ts'

const base = { from: 0, to: 1, amount: 10n }
const withR = (r: bigint): Wish => ({ ...base, tamper: (transfer) => ({ ...transfer, r: word(r) }) })
const withS = (change: (s: bigint) => bigint): Wish => ({
  ...base,
  tamper: (t) => ({ ...t, s: word(change(BigInt(t.s))) }),
})

/** Sets r so that r * d = -z: the sum that a check computes is then the point at infinity, whatever s is. */
function infinite(transfer: Transfer): Transfer {
  const digest = BigInt(sha256(transferMessage(transfer, BigInt(IDS.chainId))))
  return { ...transfer, r: word(mod(-digest * invert(BigInt(keyOf(base.from)), GROUP_ORDER), GROUP_ORDER)) }
}

/** Every kind of transfer that must have no effect, and what becomes of its slot. */
export const INVALID_TRANSFERS: readonly { why: string; wish: Wish; status: SlotStatus }[] = [
  { why: 'an overdraft', wish: { ...base, amount: 1001n }, status: 'overdraft' },
  { why: 'a nonce used before', wish: { ...base, from: 2, nonce: 2n ** 64n - 1n }, status: 'wrong-nonce' },
  { why: 'a nonce too high', wish: { ...base, nonce: 1n }, status: 'wrong-nonce' },
  { why: 'a replay from another deployment', wish: { ...base, chainId: '1002' }, status: 'bad-signature' },
  { why: "another account's signature", wish: { ...base, signer: 3 }, status: 'bad-signature' },
  {
    why: 'another amount than signed',
    wish: { ...base, tamper: (t) => ({ ...t, amount: 11n }) },
    status: 'bad-signature',
  },
  { why: 'a signature with r = 0', wish: withR(0n), status: 'bad-signature' },
  { why: 'a signature with r = n', wish: withR(GROUP_ORDER), status: 'bad-signature' },
  { why: 'a signature with r = 2^256 - 1', wish: withR(2n ** 256n - 1n), status: 'bad-signature' },
  { why: 'a signature with s = 0', wish: withS(() => 0n), status: 'bad-signature' },
  { why: 'a signature with a high s', wish: withS((s) => GROUP_ORDER - s), status: 'bad-signature' },
  { why: 'a signature with s = 2^256 - 1', wish: withS(() => 2n ** 256n - 1n), status: 'bad-signature' },
  {
    why: 'a signature with r = s = 0',
    wish: { ...base, tamper: (t) => ({ ...t, r: word(0n), s: word(0n) }) },
    status: 'bad-signature',
  },
  { why: 'a signature whose point is at infinity', wish: { ...base, tamper: infinite }, status: 'bad-signature' },
  { why: 'a signature made to break the check', wish: BREAKING, status: 'bad-signature' },
  { why: 'a sender outside the tree', wish: { ...base, from: 65536 }, status: 'index-out-of-range' },
  { why: 'a recipient outside the tree', wish: { ...base, to: 0xffff0001 }, status: 'index-out-of-range' },
  { why: 'sender and recipient alike', wish: { ...base, to: 0 }, status: 'same-account' },
  { why: 'a sender that does not exist', wish: { ...base, from: NOBODY }, status: 'no-sender' },
  { why: 'a recipient that does not exist', wish: { ...base, to: NOBODY }, status: 'no-recipient' },
  { why: 'a balance that would overflow', wish: { ...base, to: RICH, amount: 1n }, status: 'overflow' },
]

/** Makes the state that a cheat wants: the transfer applied whatever it is, in 64-bit arithmetic that wraps. */
export function forced(slot: Hex) {
  const { from, to, amount } = decodeTransfer(slot)
  const [sender, recipient] = [from % TREE_SIZE, to % TREE_SIZE]
  const add = (account: Account, value: bigint): Account => ({
    ...account,
    balance: BigInt.asUintN(64, account.balance + value),
  })
  const payer = accountAt(initialTree, sender)
  const paid = withAccount(initialTree, sender, { ...add(payer, -amount), nonce: payer.nonce + 1n })
  return withAccount(paid, recipient, add(accountAt(paid, recipient), amount))
}
