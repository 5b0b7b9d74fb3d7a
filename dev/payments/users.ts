import { keccak256, stringToHex } from 'viem'
import type { Account } from '../../kinds/payments/account.ts'
import { accountKey } from '../../kinds/payments/sign-transfer.ts'
import type { Hex } from '../../protocol/base/ranges.ts'

/** A user of the development rollup. Its key is derived from its name, so it is worth nothing anywhere else. */
export interface User {
  name: string
  privateKey: Hex
  /** Place in the account tree. */
  index: number
}

const NAMES = ['alice', 'bob', 'carol', 'dave']

/** What each user owns at genesis, smallest units. */
const GENESIS_BALANCE = 1_000_000n

export const USERS: readonly User[] = NAMES.map((name, index) => ({
  name,
  index,
  privateKey: keccak256(stringToHex(`zkpow development user ${name}`)),
}))

/** Gives the first state of the development rollup. */
export const genesisAccounts = (): Omit<Account, 'nonce'>[] =>
  USERS.map(({ privateKey }) => ({ ...accountKey(privateKey), balance: GENESIS_BALANCE }))
