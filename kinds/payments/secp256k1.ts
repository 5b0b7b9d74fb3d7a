import type { Hex } from '../../protocol/base/ranges.ts'

/** Order of the base field of secp256k1 (SEC 2, 2.4.1). */
export const BASE_FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn
/** Order of the group of secp256k1. */
export const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** Gives the remainder that isn't negative. */
export const mod = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus

/** Tells whether a key's coordinates are reduced and on the curve y² = x³ + 7. */
export function isOnCurve(key: { keyX: Hex; keyY: Hex }): boolean {
  const [x, y] = [BigInt(key.keyX), BigInt(key.keyY)]
  return x < BASE_FIELD && y < BASE_FIELD && mod(y * y - x * x * x - 7n, BASE_FIELD) === 0n
}

/**
 * Inverts modulo a prime, by Euclid's algorithm.
 * @throws RangeError for multiples of the prime.
 */
export function invert(value: bigint, prime: bigint): bigint {
  let [a, b, x, y] = [mod(value, prime), prime, 1n, 0n]
  if (a === 0n) throw new RangeError('A multiple of the modulus has no inverse.')
  while (a !== 1n) {
    const quotient = b / a
    ;[a, b, x, y] = [b - quotient * a, a, y - quotient * x, x]
  }
  return mod(x, prime)
}
