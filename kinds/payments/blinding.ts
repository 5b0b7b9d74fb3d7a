import { createECDH, createHash } from 'node:crypto'
import { hexToBigInt, numberToHex, sha256 } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { Account } from './account.ts'
import { BASE_FIELD, GROUP_ORDER, invert, mod } from './secp256k1.ts'
import { type Transfer, transferMessage } from './transfer.ts'

/** Constants that a prover can choose from; circuits/lib/src/blinding_points.nr has the same. */
export const BLINDING_POINTS = 8

/** A constant T = t * G. */
export interface BlindingPoint {
  scalar: bigint
  x: bigint
  y: bigint
}

/**
 * `Blinding` in circuits/lib, whose header says why: a signature moved by a constant point, for the backend's check to
 * look at.
 */
export interface Blinding {
  point: number
  slope: bigint
  inverse: bigint
  keyX: bigint
  keyY: bigint
  digest: bigint
  /** May be negative. */
  quotients: bigint[]
}

/** The constants: t is SHA-256 of "zkpow/blinding/" and the index, so that nobody has chosen it. */
export const blindingPoints: readonly BlindingPoint[] = Array.from({ length: BLINDING_POINTS }, (_, index) => {
  const scalar = createHash('sha256').update(`zkpow/blinding/${index}`).digest()
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey('hex') // 04, x, y
  return {
    scalar: BigInt(`0x${scalar.toString('hex')}`),
    x: BigInt(`0x${point.slice(2, 66)}`),
    y: BigInt(`0x${point.slice(66)}`),
  }
})

/**
 * Moves a transfer's signature by the constant of that index, or by the next one if the sender's key lies above or
 * below it.
 */
export function blind(p: { sender: Account; transfer: Transfer; chainId: bigint; index: number }): Blinding {
  const [x, y] = [hexToBigInt(p.sender.keyX), hexToBigInt(p.sender.keyY)]
  const index = [p.index, p.index + 1]
    .map((i) => i % BLINDING_POINTS)
    .find((i) => mod(pointAt(i).x - x, BASE_FIELD) !== 0n)
  if (index === undefined) throw new RangeError('No two constants have one x coordinate.')
  const point = pointAt(index)
  const { key, ...line } = addToKey({ x, y }, point)
  const moved = moveDigest({
    digest: digestOf(p.transfer, p.chainId),
    r: hexToBigInt(p.transfer.r),
    scalar: point.scalar,
  })
  return {
    point: index,
    ...line,
    keyX: key.x,
    keyY: key.y,
    digest: moved.digest,
    quotients: [...line.quotients, moved.quotient],
  }
}

/**
 * Adds a constant to a key by the chord rule, and tells what its four congruences divide away. A key of (0, 0) is on no
 * curve, and so is what comes of it.
 */
function addToKey(key: { x: bigint; y: bigint }, point: BlindingPoint) {
  const [run, rise] = [point.x - key.x, point.y - key.y]
  const inverse = invert(run, BASE_FIELD)
  const slope = mod(rise * inverse, BASE_FIELD)
  const x = mod(slope * slope - key.x - point.x, BASE_FIELD)
  const y = mod(slope * (key.x - x) - key.y, BASE_FIELD)
  const quotients = [
    inverse * run - 1n,
    slope * run - rise,
    slope * slope - (x + key.x + point.x),
    slope * (key.x - x) - (y + key.y),
  ].map((multiple) => multiple / BASE_FIELD)
  return { slope, inverse, key: { x, y }, quotients }
}

function moveDigest(p: { digest: bigint; r: bigint; scalar: bigint }) {
  const digest = mod(p.digest - p.r * p.scalar, GROUP_ORDER)
  return { digest, quotient: (p.r * p.scalar - (p.digest - digest)) / GROUP_ORDER }
}

const digestOf = (transfer: Transfer, chainId: bigint): bigint =>
  hexToBigInt(sha256(transferMessage(transfer, chainId)))

function pointAt(index: number): BlindingPoint {
  const point = blindingPoints[index]
  if (point === undefined)
    throw new RangeError(`Blinding point ${index} is out of range (0 to ${BLINDING_POINTS - 1}).`)
  return point
}

/** Gives limbs of 96, 96 and 64 bits, least significant first, as congruence.nr has them. */
export const toLimbs = (value: bigint): Hex[] => {
  const mask = (1n << 96n) - 1n
  return [value & mask, (value >> 96n) & mask, value >> 192n].map((limb) => numberToHex(limb))
}

/** Gives a quotient's limbs: it may be negative, so 2^262 is added (2^70 on the top limb). */
export const toQuotientLimbs = (quotient: bigint): Hex[] => toLimbs(quotient + (1n << 262n))
