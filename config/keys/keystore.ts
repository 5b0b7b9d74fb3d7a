import { createDecipheriv, timingSafeEqual } from 'node:crypto'
import { keccak256 } from 'viem/utils'
import { z } from 'zod'
import type { Address } from '../../protocol/base/ranges.ts'
import { deriveKey, type KeyDerivation, refuseDerivation } from './derive-key.ts'
import { Secret } from './secret.ts'

const withoutPrefix = (digits: string): string => digits.replace(/^0x/i, '')

/** Bytes as hex digits; some programs write `0x` before them. */
const hex = z
  .string()
  .regex(/^(0x)?([0-9a-f]{2})*$/i, 'bytes as hex digits')
  .transform((digits) => Buffer.from(withoutPrefix(digits), 'hex'))

/** A number of 16 bytes, of which some programs leave out the zeros before it. */
const iv = z
  .string()
  .regex(/^(0x)?[0-9a-f]{1,32}$/i, 'at most 32 hex digits')
  .transform((digits) => Buffer.from(withoutPrefix(digits).padStart(32, '0'), 'hex'))

const positive = z.int('a whole number').min(1, 'a number from 1')
/** A shorter key couldn't both decrypt and prove the password. */
const dklen = z.int('a whole number').min(32, 'at least 32').default(32)

const scryptParams = z.object({ salt: hex, dklen, n: positive, r: positive, p: positive })
const pbkdf2Params = z.object({
  salt: hex,
  dklen,
  c: positive,
  prf: z.enum(['hmac-sha256', 'hmac-sha512'], 'hmac-sha256 or hmac-sha512').default('hmac-sha256'),
})

const cipherParts = {
  cipher: z.literal('aes-128-ctr', 'aes-128-ctr'),
  ciphertext: hex.refine(({ length }) => length >= 1 && length <= 32, '1 to 32 bytes'),
  cipherparams: z.object({ iv }),
  mac: hex,
}

const version = z.union([z.literal(3), z.literal('3')], '3')

/**
 * Web3 Secret Storage, version 3: what geth, `cast wallet`, clef, ethers and brownie write. The names of keys are in
 * lower case.
 */
const keystoreSchema = z.object({
  version,
  crypto: z.discriminatedUnion(
    'kdf',
    [
      z.object({ ...cipherParts, kdf: z.literal('scrypt'), kdfparams: scryptParams }),
      z.object({ ...cipherParts, kdf: z.literal('pbkdf2'), kdfparams: pbkdf2Params }),
    ],
    'a mapping with kdf scrypt or pbkdf2',
  ),
})

const addressSchema = z.object({ version, address: z.string().regex(/^(0x)?[0-9a-f]{40}$/i) })

type Keystore = z.output<typeof keystoreSchema>['crypto']

/** What became of an attempt to open a keystore. */
export type OpenedKeystore =
  | { status: 'open'; privateKey: Secret }
  | { status: 'wrong-password' }
  /** What isn't as in a keystore; holds nothing of its secret parts. */
  | { status: 'not-a-keystore'; why: string }

/**
 * Decrypts a keystore, which takes about a second and 256 MiB with geth's usual parameters. A key that was written
 * without the zeros before it gets them back.
 */
export function openKeystore(json: string, password: Secret): OpenedKeystore {
  const parsed = keystoreSchema.safeParse(readJson(json))
  if (!parsed.success) return { status: 'not-a-keystore', why: firstProblem(parsed.error) }
  const { crypto } = parsed.data
  const derivation: KeyDerivation =
    crypto.kdf === 'scrypt' ? { kdf: crypto.kdf, ...crypto.kdfparams } : { kdf: crypto.kdf, ...crypto.kdfparams }
  const why = refuseDerivation(derivation)
  if (why !== null) return { status: 'not-a-keystore', why }
  const key = passwordForms(password)
    .map((form) => deriveKey(derivation, form))
    .find((candidate) => isMacOf(candidate, crypto))
  if (key === undefined) return { status: 'wrong-password' }
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), crypto.cipherparams.iv)
  const digits = Buffer.concat([decipher.update(crypto.ciphertext), decipher.final()]).toString('hex')
  return { status: 'open', privateKey: new Secret(`0x${digits.padStart(64, '0')}`) }
}

/** Gives the address that a keystore says it has the key of, which not all programs write; null when it says none. */
export function keystoreAddress(json: string): Address | null {
  const parsed = addressSchema.safeParse(readJson(json))
  return parsed.success ? `0x${withoutPrefix(parsed.data.address.toLowerCase())}` : null
}

/** Gives the password as typed, as geth takes it, and as ethers composes its characters. */
function passwordForms(password: Secret): string[] {
  const typed = password.reveal()
  return [...new Set([typed, typed.normalize('NFKC')])]
}

function isMacOf(key: Buffer, { mac, ciphertext }: Keystore): boolean {
  const expected = Buffer.from(keccak256(Buffer.concat([key.subarray(16, 32), ciphertext])).slice(2), 'hex')
  return mac.length === expected.length && timingSafeEqual(mac, expected)
}

const firstProblem = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined || issue.path.length === 0
    ? 'it is no JSON object'
    : `expected ${issue.message} at ${issue.path.join('.')}`

/** Reads JSON with the names of keys in lower case: ethers writes `Crypto`, and geth reads any case. */
function readJson(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''), lowerCaseKeys)
  } catch {
    return undefined
  }
}

function lowerCaseKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]))
}
