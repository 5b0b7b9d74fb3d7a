import { keccak256, parseTransaction } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { Fees } from '../../protocol/sender/fees.ts'
import { MinerKeyError } from '../errors.ts'

/** Whom a transaction calls, and how. */
export interface Call {
  to: Address
  data: Hex
  valueWei: bigint
  /** Gas limit. */
  gas: bigint
}

/** All that a transaction says. Nothing in it is asked of a node while signing. */
export interface UnsignedTransaction extends Call {
  chainId: number
  nonce: number
  fees: Fees
  /** Of type 0, whose gas price is the fee cap, for chains that take no EIP-1559 transactions. @default false */
  isLegacy?: boolean
}

/** Bytes to broadcast, and the hash they will be known by. */
export interface SignedTransaction {
  raw: Hex
  txHash: Hex
}

/** A miner's account. The key lives in a closure: printing or serialising the object shows the address only. */
export interface MinerAccount {
  readonly address: Address
  /** Signs a transaction; the same one gives the same bytes (RFC 6979). */
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>
}

/** @param privateKey 32 bytes. @throws MinerKeyError, which contains nothing of it. */
export function createMinerAccount(privateKey: string): MinerAccount {
  const account = parse(privateKey)
  return {
    address: account.address,
    async sign({ chainId, nonce, to, data, valueWei: value, gas, fees, isLegacy = false }) {
      const call = { chainId, nonce, to, data, gas, value }
      const raw = isLegacy
        ? await account.signTransaction({ type: 'legacy', ...call, gasPrice: fees.maxFeePerGas })
        : await account.signTransaction({ type: 'eip1559', ...call, ...fees })
      return { raw, txHash: keccak256(raw) }
    },
  }
}

/** Tells what a transaction that {@link MinerAccount.sign} made calls. */
export function callOf(raw: Hex): Call {
  const { to, data, value, gas } = parseTransaction(raw)
  if (!to || gas === undefined) throw new Error('A stored transaction calls nobody: its row was changed by hand.')
  return { to, data: data ?? '0x', valueWei: value ?? 0n, gas }
}

function parse(privateKey: string): PrivateKeyAccount {
  try {
    return privateKeyToAccount(privateKey as Hex)
  } catch {
    // It has no cause: libraries print the key that they can't parse.
    throw new MinerKeyError("A miner's private key isn't one of secp256k1: 0x and 64 hex digits, not zero.")
  }
}
