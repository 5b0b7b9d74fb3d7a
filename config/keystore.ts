import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { keccak256 } from 'viem/utils'
import { z } from 'zod'
import type { Address } from '../protocol/sequence.ts'
import { Secret } from './secret.ts'

const hex = z.string().regex(/^[0-9a-fA-F]+$/)

/** Web3 Secret Storage, version 3: what geth, foundry's `cast wallet` and clef write. */
const keystoreSchema = z.object({
  version: z.literal(3),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr'),
    ciphertext: hex,
    cipherparams: z.object({ iv: hex }),
    mac: hex,
    kdf: z.enum(['scrypt', 'pbkdf2']),
    kdfparams: z.object({
      salt: hex,
      dklen: z.int(),
      n: z
        .int()
        .max(2 ** 20)
        .optional(),
      // OpenSSL, by the RFC, takes no r below 2 with geth's n.
      r: z.int().min(2).max(64).optional(),
      p: z.int().max(64).optional(),
      c: z.int().optional(),
    }),
  }),
})

const addressSchema = z.object({ version: z.literal(3), address: z.string().regex(/^(0x)?[0-9a-f]{40}$/i) })

type Keystore = z.output<typeof keystoreSchema>['crypto']

/** What became of an attempt to open a keystore. */
export type OpenedKeystore = { status: 'open'; privateKey: Secret } | { status: 'wrong-password' } | { status: 'not-a-keystore' }

/** Decrypts a keystore. Takes about a second and 256 MiB with geth's usual parameters. */
export function openKeystore(json: string, password: Secret): OpenedKeystore {
  const parsed = keystoreSchema.safeParse(parseJson(json))
  if (!parsed.success) return { status: 'not-a-keystore' }
  const { crypto } = parsed.data
  const key = deriveKey(crypto, password)
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex')
  const mac = Buffer.from(keccak256(Buffer.concat([key.subarray(16, 32), ciphertext])).slice(2), 'hex')
  const expected = Buffer.from(crypto.mac, 'hex')
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return { status: 'wrong-password' }
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, 'hex'))
  return { status: 'open', privateKey: new Secret(`0x${Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('hex')}`) }
}

/** The address that a keystore says it has the key of, which not all programs write; null when it says none. */
export function keystoreAddress(json: string): Address | null {
  const parsed = addressSchema.safeParse(parseJson(json))
  return parsed.success ? `0x${parsed.data.address.toLowerCase().replace(/^0x/, '')}` : null
}

function deriveKey({ kdf, kdfparams }: Keystore, password: Secret): Buffer {
  const { dklen, n = 262_144, r = 8, p = 1, c = 262_144 } = kdfparams
  const salt = Buffer.from(kdfparams.salt, 'hex')
  if (kdf === 'pbkdf2') return pbkdf2Sync(password.reveal(), salt, c, dklen, 'sha256')
  // scrypt needs 128·r·(n+p) bytes and a little; Node's own limit is 32 MiB.
  return scryptSync(password.reveal(), salt, dklen, { N: n, r, p, maxmem: 128 * r * (n + p) * 2 + 2 ** 20 })
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
