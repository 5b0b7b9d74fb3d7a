import { keccak256 } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Fees } from '../protocol/fees.ts'
import type { Address, Hex } from '../protocol/sequence.ts'
import { MinerKeyError } from './errors.ts'

/** All that a transaction says. Nothing in it is asked of a node while signing. */
export interface UnsignedTransaction {
  chainId: number
  nonce: number
  to: Address
  data: Hex
  gas: bigint
  fees: Fees
}

/** Bytes to broadcast, and the hash they will be known by. */
export interface SignedTransaction {
  raw: Hex
  txHash: Hex
}

/** A miner's account. The key lives in a closure: printing or serialising the object shows the address only. */
export interface MinerAccount {
  readonly address: Address
  /** Signs an EIP-1559 transaction; the same one gives the same bytes (RFC 6979). */
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>
}

/** @param privateKey 32 bytes. @throws MinerKeyError, which contains nothing of it. */
export function createMinerAccount(privateKey: string): MinerAccount {
  const account = parse(privateKey)
  return {
    address: account.address,
    async sign({ chainId, nonce, to, data, gas, fees }) {
      const raw = await account.signTransaction({ type: 'eip1559', chainId, nonce, to, data, gas, value: 0n, ...fees })
      return { raw, txHash: keccak256(raw) }
    },
  }
}

function parse(privateKey: string): PrivateKeyAccount {
  try {
    return privateKeyToAccount(privateKey as Hex)
  } catch {
    // No cause: libraries print the key that they can't parse.
    throw new MinerKeyError("A miner's private key isn't one of secp256k1: 0x and 64 hex digits, not zero.", {
      remedy: 'set the environment variable that the account names.',
    })
  }
}
