import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { scrypt } from '@noble/hashes/scrypt.js'

/** How a keystore makes its key of a password. */
export type KeyDerivation =
  | { kdf: 'scrypt'; salt: Buffer; n: number; r: number; p: number }
  | { kdf: 'pbkdf2'; salt: Buffer; c: number; prf: 'hmac-sha256' | 'hmac-sha512' }

/** The first half decrypts, the second proves the password: more than this of a longer key is used by nobody. */
const KEY_BYTES = 32

/** Four times what geth's own settings take, which are the most expensive in use. */
const MAX_MEMORY_BYTES = 2 ** 30

/** Turns of the innermost loop, thirty times as many as in geth's: about half a minute. */
const MAX_TURNS = 2 ** 26

const MAX_ITERATIONS = 10_000_000

/** Says why nobody can or should do what a file asks for; null: it is fine. */
export function refuseDerivation(derivation: KeyDerivation): string | null {
  if (derivation.kdf === 'pbkdf2')
    return derivation.c > MAX_ITERATIONS ? `its c is ${derivation.c}, above ${MAX_ITERATIONS}` : null
  const { n, r, p } = derivation
  if (n < 2 || !Number.isInteger(Math.log2(n))) return `its n is ${n}, which is no power of two above 1`
  if (scryptBytes(derivation) > MAX_MEMORY_BYTES || n * r * p > MAX_TURNS)
    return `its n, r and p (${n}, ${r}, ${p}) ask for more than ${MAX_MEMORY_BYTES / 2 ** 20} MiB of memory, or for minutes`
  return null
}

/** Derives a key of 32 bytes, which takes about a second and 256 MiB with geth's usual parameters. */
export function deriveKey(derivation: KeyDerivation, password: string): Buffer {
  const { salt } = derivation
  if (derivation.kdf === 'pbkdf2')
    return pbkdf2Sync(password, salt, derivation.c, KEY_BYTES, derivation.prf.slice('hmac-'.length))
  const { n, r, p } = derivation
  const maxmem = scryptBytes(derivation) + 2 ** 20 // it gets a little more
  // OpenSSL, by the RFC, takes no n above 2^(16·r), whatever memory it may use; files with n = 2^18 and r = 1 were
  // written for years.
  if (n >= 2 ** (16 * r)) return Buffer.from(scrypt(password, salt, { N: n, r, p, dkLen: KEY_BYTES, maxmem }))
  return scryptSync(password, salt, KEY_BYTES, { N: n, r, p, maxmem })
}

const scryptBytes = ({ n, r, p }: { n: number; r: number; p: number }): number => 128 * r * (n + p + 2)
