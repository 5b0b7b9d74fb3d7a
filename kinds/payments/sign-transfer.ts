import { privateKeyToAccount, sign } from 'viem/accounts'
import { sha256, sliceHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { encodeTransfer, type TransferBody, transferMessage } from './transfer.ts'

/** Gives the public key of an account, from its private key. */
export function accountKey(privateKey: Hex): { keyX: Hex; keyY: Hex } {
  const { publicKey } = privateKeyToAccount(privateKey) // 0x04, x, y
  return { keyX: sliceHex(publicKey, 1, 33), keyY: sliceHex(publicKey, 33, 65) }
}

/** Signs a transfer and gives its 88 bytes, as a sequencer posts them. `chainId` is the rollup contract's. */
export async function signTransfer(p: { privateKey: Hex; chainId: bigint; body: TransferBody }): Promise<Hex> {
  const { r, s } = await sign({ hash: sha256(transferMessage(p.body, p.chainId)), privateKey: p.privateKey })
  return encodeTransfer({ ...p.body, r, s })
}
