import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import {
  BLINDING_POINTS,
  type BlindingPoint,
  blind,
  blindingPoints,
  toLimbs,
} from '../../../kinds/payments/blinding.ts'
import { GROUP_ORDER, invert } from '../../../kinds/payments/secp256k1.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { isSignedBy } from '../../../kinds/payments/signature.ts'
import { decodeTransfer } from '../../../kinds/payments/transfer.ts'
import { word } from '../../../protocol/proof/public-input.ts'

const SOURCE = new URL('../../../circuits/lib/src/blinding_points.nr', import.meta.url)

describe('the constants', () => {
  test('are hashes that nobody chose, times the generator', () => {
    blindingPoints.forEach((point, index) => {
      const hash = createHash('sha256').update(`zkpow/blinding/${index}`).digest('hex')
      const { publicKey } = privateKeyToAccount(`0x${hash}`)
      expect(word(point.scalar)).toBe(`0x${hash}`)
      expect(publicKey).toBe(`0x04${word(point.x).slice(2)}${word(point.y).slice(2)}`)
    })
  })

  test('are those of the circuit', () => {
    const table = (name: string, part: (point: BlindingPoint) => bigint) =>
      `pub global ${name}: [[Field; 3]; 8] = [\n${blindingPoints.map((point) => `    [${toLimbs(part(point)).join(', ')}],\n`).join('')}];\n`
    const source = readFileSync(SOURCE, 'utf8')
    expect(source).toContain(table('SCALAR', ({ scalar }) => scalar))
    expect(source).toContain(table('POINT_X', ({ x }) => x))
    expect(source).toContain(table('POINT_Y', ({ y }) => y))
  })
})

test('a blinded signature is one under the moved key, for the moved digest', async () => {
  const [privateKey, chainId] = [word(0xacc0n), 9n]
  const transfer = decodeTransfer(
    await signTransfer({ privateKey, chainId, body: { from: 1, to: 2, amount: 3n, nonce: 4n } }),
  )
  const sender = { ...accountKey(privateKey), balance: 0n, nonce: 0n }
  expect(isSignedBy(sender, transfer, chainId)).toBe(true)
  for (let index = 0; index < BLINDING_POINTS; index++) {
    const { digest, keyX, keyY } = blind({ sender, transfer, chainId, index })
    const moved = accountKey(word((0xacc0n + (blindingPoints[index]?.scalar ?? 0n)) % GROUP_ORDER))
    expect({ keyX: word(keyX), keyY: word(keyY) }).toEqual(moved)
    expect(
      xOfSum({
        digest,
        r: BigInt(transfer.r),
        s: BigInt(transfer.s),
        key: 0xacc0n + (blindingPoints[index]?.scalar ?? 0n),
      }),
    ).toBe(transfer.r)
  }
})

test('a key that is a constant itself is moved by another', async () => {
  const point = blindingPoints[7] as BlindingPoint
  const sender = { ...accountKey(word(point.scalar)), balance: 0n, nonce: 0n }
  const transfer = decodeTransfer(`0x${'00'.repeat(88)}`)
  expect(blind({ sender, transfer, chainId: 1n, index: 7 }).point).toBe(0)
})

/** Computes x of digest / s * G + r / s * key * G, which a valid signature's r is. */
function xOfSum(p: { digest: bigint; r: bigint; s: bigint; key: bigint }) {
  const scalar = ((p.digest + p.r * p.key) * invert(p.s, GROUP_ORDER)) % GROUP_ORDER
  return accountKey(word(scalar)).keyX
}
