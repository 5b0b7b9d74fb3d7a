import { createPublicKey, verify } from 'node:crypto'
import { hexToBigInt, hexToBytes } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { Account } from './account.ts'
import { GROUP_ORDER, isOnCurve } from './secp256k1.ts'
import type { Transfer } from './transfer.ts'
import { transferMessage } from './transfer.ts'

/**
 * Tells whether a transfer carries its sender's signature for this rollup. It says no to malformed ones and to a high
 * s, like the circuit.
 */
export function isSignedBy(sender: Account, transfer: Transfer, chainId: bigint): boolean {
  const s = hexToBigInt(transfer.s)
  if (!isOnCurve(sender) || s === 0n || s > GROUP_ORDER / 2n) return false
  const signature = Buffer.concat([hexToBytes(transfer.r), hexToBytes(transfer.s)])
  return verify(
    'sha256',
    hexToBytes(transferMessage(transfer, chainId)),
    { key: toPublicKey(sender), dsaEncoding: 'ieee-p1363' },
    signature,
  )
}

function toPublicKey(account: Account) {
  const base64url = (word: Hex) => Buffer.from(hexToBytes(word)).toString('base64url')
  return createPublicKey({
    key: { kty: 'EC', crv: 'secp256k1', x: base64url(account.keyX), y: base64url(account.keyY) },
    format: 'jwk',
  })
}
