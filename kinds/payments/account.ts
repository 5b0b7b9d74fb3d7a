import type { Hex } from '../../protocol/base/ranges.ts'
import { poseidon2 } from './poseidon2.ts'

/** An account of the state. */
export interface Account {
  /** secp256k1 public key, 32 bytes each. */
  keyX: Hex
  keyY: Hex
  /** Smallest units, below 2^64. */
  balance: bigint
  /** Transfers that this account has made. */
  nonce: bigint
}

/** Stands at every index without an account: (0, 0) is on no curve. Must match `Account::exists` in circuits/lib. */
export const NO_ACCOUNT: Account = {
  keyX: `0x${'00'.repeat(32)}`,
  keyY: `0x${'00'.repeat(32)}`,
  balance: 0n,
  nonce: 0n,
}

/** Tells whether the key's two coordinates are both 0. */
export const isNoAccount = (account: Account): boolean => BigInt(account.keyX) === 0n && BigInt(account.keyY) === 0n

/**
 * Makes an account's leaf: 0 for none, else Poseidon2 of key limbs, balance and nonce. It must match `Account::leaf` in
 * circuits/lib.
 */
export function accountLeaf(account: Account): bigint {
  if (isNoAccount(account)) return 0n
  return poseidon2([...limbs(account.keyX), ...limbs(account.keyY), account.balance, account.nonce])
}

/** Gives a 256-bit word as its high and low 128 bits, as circuits take it. */
function limbs(word: Hex): [hi: bigint, lo: bigint] {
  const value = BigInt(word)
  return [value >> 128n, value & ((1n << 128n) - 1n)]
}
