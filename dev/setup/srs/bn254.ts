/**
 * Affine arithmetic on the G1 curve of BN254 (y² = x³ + 3) for many points at once: all slopes of a step share one
 * modular inversion, which makes plain bigints fast enough to build a reference string of two million points. It is
 * incomplete on purpose: it knows no point at infinity, and adds points of different x only.
 */

/** Field modulus of the coordinates (EIP-197). */
const FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
/** Order of the group, so modulus of scalars (EIP-197). */
export const GROUP_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

/** Affine points as two arrays of equal length. */
export interface Points {
  x: bigint[]
  y: bigint[]
}

/** Multiplies the generator (1, 2) by each scalar, for positive scalars below the order. */
export function multiplesOfGenerator(scalars: bigint[]): Points {
  const sums = new Map<number, Points>()
  let doubled: Points = { x: [1n], y: [2n] }
  for (
    let rest = scalars;
    rest.some((scalar) => scalar > 0n);
    rest = rest.map((scalar) => scalar >> 1n), doubled = double(doubled)
  ) {
    const odd = rest.flatMap((scalar, i) => (scalar & 1n ? [i] : []))
    const started = odd.filter((i) => sums.has(i))
    const added = add(gather(started.map((i) => sums.get(i) as Points)), gather(started.map(() => doubled)))
    for (const i of odd) if (!sums.has(i)) sums.set(i, doubled)
    for (const [k, i] of started.entries()) sums.set(i, { x: [at(added.x, k)], y: [at(added.y, k)] })
  }
  return gather(scalars.map((_, i) => sums.get(i) as Points))
}

/** Multiplies every P by 5, as 4·P + P. */
export function timesFive(points: Points): Points {
  return add(double(double(points)), points)
}

/** Raises to a power modulo the group order. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let b = base % GROUP_ORDER, e = exponent; e > 0n; e >>= 1n, b = (b * b) % GROUP_ORDER)
    if (e & 1n) result = (result * b) % GROUP_ORDER
  return result
}

const gather = (points: Points[]): Points => ({ x: points.flatMap((p) => p.x), y: points.flatMap((p) => p.y) })

function double({ x, y }: Points): Points {
  const inverses = invertAll(y.map((value) => 2n * value))
  return chord(
    x,
    x,
    y,
    inverses.map((inverse, i) => (3n * at(x, i) * at(x, i) * inverse) % FIELD),
  )
}

function add(p: Points, q: Points): Points {
  const inverses = invertAll(p.x.map((x, i) => at(q.x, i) - x))
  return chord(
    p.x,
    q.x,
    p.y,
    inverses.map((inverse, i) => ((at(q.y, i) - at(p.y, i)) * inverse) % FIELD),
  )
}

/** Finds the third point of each line through (x1, y1) with the given slope, mirrored. */
function chord(x1: bigint[], x2: bigint[], y1: bigint[], slopes: bigint[]): Points {
  const x = slopes.map((slope, i) => modulo(slope * slope - at(x1, i) - at(x2, i)))
  const y = slopes.map((slope, i) => modulo(slope * (at(x1, i) - at(x, i)) - at(y1, i)))
  return { x, y }
}

/** Inverts by Montgomery's trick: one inversion and three multiplications a value. */
function invertAll(values: bigint[]): bigint[] {
  const prefixes: bigint[] = []
  let product = 1n
  for (const value of values) {
    prefixes.push(product)
    product = (product * value) % FIELD
  }
  let inverse = invert(modulo(product))
  const inverses = new Array<bigint>(values.length)
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = (inverse * at(prefixes, i)) % FIELD
    inverse = (inverse * at(values, i)) % FIELD
  }
  return inverses
}

/** Inverts by the extended Euclidean algorithm. */
function invert(value: bigint): bigint {
  let [r0, r1, t0, t1] = [FIELD, value, 0n, 1n]
  while (r1 > 0n) {
    const quotient = r0 / r1
    ;[r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1]
  }
  if (r0 !== 1n) throw new RangeError('Two points of a sum share their x coordinate.')
  return modulo(t0)
}

const modulo = (value: bigint): bigint => ((value % FIELD) + FIELD) % FIELD

const at = (values: bigint[], i: number): bigint => values[i] as bigint
