import {
  add,
  addFloat,
  address,
  and,
  type Code,
  type Func,
  get,
  load,
  mulAddFloat,
  mulFloat,
  or,
  set,
  shiftLeft,
  shiftRight,
  store,
  sub,
  subFloat,
} from './assembler.ts'
import { FIELD } from './parameters.ts'

/*
 * Arithmetic of the field, two elements at a time, one in each half of a vector. The README tells how it works and why
 * no step exceeds its bounds.
 */

/** Bits of a limb. */
const LIMB = 51
/** Limbs of an element, lowest first. */
export const LIMBS = 5
/** Bytes of a limb of both elements. */
const VECTOR = 16
/** Bytes of both elements. */
export const ELEMENT = LIMBS * VECTOR
/** Montgomery's form of x is x * R. */
export const R = 1n << BigInt(LIMB * LIMBS)

/** The limbs of a number, each between -2^50 and 2^50, but the last. */
export function limbsOf(value: bigint): bigint[] {
  let rest = value
  return Array.from({ length: LIMBS - 1 }, () => {
    const limb = BigInt.asIntN(LIMB, rest)
    rest = (rest - limb) >> BigInt(LIMB)
    return limb
  }).concat(rest)
}

/** Inverse of {@link limbsOf}. */
export const fromLimbs = (limbs: readonly bigint[]): bigint =>
  limbs.reduceRight((value, limb) => (value << BigInt(LIMB)) + limb, 0n)

/** Added to a product of limbs, it leaves the product's high half in its own lowest bits. */
const HIGH = 1.5 * 2 ** 103
/** Added to a product's low half, or to a limb, it leaves that in its own lowest bits. */
const LOW = 1.5 * 2 ** 52
/** Its lowest bits are a number below 2^51, as they are. */
const UNSIGNED = 2 ** 52

/** Makes sums positive, so that they are shifted without a sign. */
const BIAS = 1n << 62n
const CARRIED_BIAS = BIAS >> BigInt(LIMB)
const HALF = 1n << BigInt(LIMB - 1)
const MASK = (1n << BigInt(LIMB)) - 1n

const FIELD_LIMBS = limbsOf(FIELD).map(Number)

/** -1 / order of the field, modulo 2^51. */
const NEGATIVE_INVERSE = Number(BigInt.asIntN(LIMB, -inverseOf(FIELD)))

/** Each step doubles the bits that are right; the first is right for every odd number. */
function inverseOf(odd: bigint): bigint {
  let inverse = 1n
  for (let bits = 1; bits < LIMB; bits *= 2) inverse = BigInt.asIntN(LIMB, inverse * (2n - odd * inverse))
  return inverse
}

/** Vectors that code reads from memory: the first ones there, each twice the same 64 bits. */
export const constants: bigint[] = []

function constant(bits: bigint): Code {
  const known = constants.indexOf(bits)
  return load(address(0), VECTOR * (known < 0 ? constants.push(bits) - 1 : known))
}

const float = (value: number): Code => constant(bitsOf(value))

function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigInt64(0)
}

/** A limb as a float. */
const toFloat = (limb: Code): Code => subFloat(add(limb, constant(bitsOf(LOW))), float(LOW))

/** Sums of products by their limb, each in a local. */
class Sums {
  /** What is in each sum beside what is meant. */
  private readonly excess: bigint[]
  private readonly first: number
  private readonly scratch: number

  constructor(p: { first: number; count: number; scratch: number }) {
    this.first = p.first
    this.scratch = p.scratch
    this.excess = Array.from({ length: p.count }, () => 0n)
  }

  at = (i: number): Code => get(this.first + i)

  add = (i: number, value: Code, excess = 0n): Code => {
    this.excess[i] = (this.excess[i] ?? 0n) + excess
    return set(this.first + i, add(this.at(i), value))
  }

  /** Adds a product of two floats, in two halves. */
  addProduct = (i: number, a: Code, b: Code): Code => [
    ...set(this.scratch, mulAddFloat(a, b, float(HIGH))),
    ...this.add(i, mulAddFloat(a, b, subFloat(float(HIGH + LOW), get(this.scratch))), bitsOf(LOW)),
    ...this.add(i + 1, get(this.scratch), bitsOf(HIGH)),
  ]

  /** Takes from a sum that is a multiple of 2^51, and adds to the next. */
  carryWhole = (i: number): Code => {
    this.excess[i] = (this.excess[i] ?? 0n) - BIAS
    return this.add(i + 1, shiftRight(this.at(i), LIMB), CARRIED_BIAS)
  }

  /** Leaves five sums between -2^50 and 2^50, but the last, and stores them. */
  storeCarried = (first: number, to: Code): Code =>
    Array.from({ length: LIMBS }, (_, i): Code => {
      const [sum, carried] = [this.at(first + i), i === 0 ? 0n : CARRIED_BIAS]
      if (i === LIMBS - 1) return store(to, i * VECTOR, sub(sum, constant(carried)))
      return [
        ...set(this.scratch, add(sum, constant(HALF + BIAS - carried))),
        ...set(this.first + first + i + 1, add(this.at(first + i + 1), shiftRight(get(this.scratch), LIMB))),
        ...store(to, i * VECTOR, sub(and(get(this.scratch), constant(MASK)), constant(HALF))),
      ]
    }).flat()

  /** What sums begin with, besides what is given. To be called when everything is added. */
  begin = (given: (i: number) => Code = () => []): Code =>
    this.excess.flatMap((excess, i) => {
      const [value, offset] = [given(i), constant(BigInt.asIntN(64, -excess))]
      return set(this.first + i, value.length === 0 ? offset : add(value, offset))
    })
}

const [TO, FROM, BY] = [get(0), get(1), get(2)]

/** `mul(to, a, b)`: a * b / R. */
export function mulCode(): Func {
  const [a, b] = [3, 3 + LIMBS]
  const { sums, locals, reduce } = montgomery(b + LIMBS, 3)
  const products = pairs().flatMap(([i, j]) => sums.addProduct(i + j, get(a + i), get(b + j)))
  const factors = each((i) => [
    ...set(a + i, toFloat(load(FROM, i * VECTOR))),
    ...set(b + i, toFloat(load(BY, i * VECTOR))),
  ])
  const rest = reduce(TO)
  return { params: 3, locals, body: [...factors, ...sums.begin(), ...products, ...rest] }
}

/** `square(to, a)`: a * a / R. What a product of two limbs is, is so twice. */
export function squareCode(): Func {
  const [a, twice] = [2, 2 + LIMBS]
  const { sums, locals, reduce } = montgomery(twice + LIMBS, 2)
  const products = pairs().flatMap(([i, j]) =>
    i > j ? [] : sums.addProduct(i + j, get(a + i), get((i < j ? twice : a) + j)),
  )
  const factors = each((i) => [
    ...set(a + i, toFloat(load(FROM, i * VECTOR))),
    ...set(twice + i, addFloat(get(a + i), get(a + i))),
  ])
  const rest = reduce(TO)
  return { params: 2, locals, body: [...factors, ...sums.begin(), ...products, ...rest] }
}

/** Montgomery's reduction of ten sums: adds multiples of the field's order until the lower five are 0. */
function montgomery(first: number, params: number) {
  const [digit, scratch] = [first + 2 * LIMBS, first + 2 * LIMBS + 1]
  const sums = new Sums({ first, count: 2 * LIMBS, scratch })
  const step = (i: number): Code => [
    ...set(digit, subFloat(or(and(sums.at(i), constant(MASK)), constant(bitsOf(UNSIGNED))), float(UNSIGNED))),
    ...set(scratch, mulAddFloat(get(digit), float(NEGATIVE_INVERSE), float(HIGH))),
    ...set(digit, mulAddFloat(get(digit), float(NEGATIVE_INVERSE), subFloat(float(HIGH), get(scratch)))),
    ...each((j) => sums.addProduct(i + j, get(digit), float(FIELD_LIMBS[j] ?? 0))),
    ...sums.carryWhole(i),
  ]
  const reduce = (to: Code): Code => [...each(step), ...sums.storeCarried(LIMBS, to)]
  return { sums, reduce, locals: scratch + 1 - params }
}

/** `reduce(x)`: subtracts a multiple of the field's order from x, so that it is near 0 again. */
export function reduceCode(): Func {
  const [first, quotient, scratch] = [1, 2 + LIMBS, 3 + LIMBS]
  const sums = new Sums({ first, count: LIMBS + 1, scratch })
  const GUARD = 8 // bits that the last limb may be too long to be a float
  const top = sub(
    shiftRight(add(load(TO, (LIMBS - 1) * VECTOR), constant(BIAS)), GUARD),
    constant(BIAS >> BigInt(GUARD)),
  )
  const perOrder = 2 ** (LIMB * (LIMBS - 1) + GUARD) / Number(FIELD)
  const estimate = subFloat(addFloat(mulFloat(toFloat(top), float(perOrder)), float(LOW)), float(LOW))
  const products = each((i) => sums.addProduct(i, get(quotient), float(-(FIELD_LIMBS[i] ?? 0))))
  const last = sums.add(LIMBS - 1, shiftLeft(sums.at(LIMBS), LIMB))
  const begin = sums.begin((i) => (i < LIMBS ? load(TO, i * VECTOR) : []))
  const body = [...set(quotient, estimate), ...begin, ...products, ...last, ...sums.storeCarried(0, TO)]
  return { params: 1, locals: scratch, body }
}

const each = (code: (i: number) => Code): Code => Array.from({ length: LIMBS }, (_, i) => code(i)).flat()

const pairs = (): [number, number][] =>
  Array.from({ length: LIMBS ** 2 }, (_, k) => [Math.floor(k / LIMBS), k % LIMBS] as const).map(([i, j]) => [i, j])

/** Bits of a word, of which an element has four. */
const WORD = 64

/** The limbs of a number of four words. */
export const splitCode = (to: Code, from: Code): Code =>
  each((i) => {
    const [word, bit] = [Math.floor((i * LIMB) / WORD), (i * LIMB) % WORD]
    const low = shiftRight(load(from, word * VECTOR), bit)
    const isInOne = bit + LIMB <= WORD || i === LIMBS - 1
    const whole = isInOne ? low : or(low, shiftLeft(load(from, (word + 1) * VECTOR), WORD - bit))
    return store(to, i * VECTOR, and(whole, constant(MASK)))
  })

/** Adds limb by limb: no carry, and no bound. */
export const addCode = (to: Code, terms: readonly Code[]): Code =>
  each((i) =>
    store(
      to,
      i * VECTOR,
      terms.map((term) => load(term, i * VECTOR)).reduce((sum, term) => add(sum, term)),
    ),
  )

/** The linear layer of full rounds, on four elements that follow each other. @param locals eight of them. */
export const mixCode = (state: Code, locals: number): Code =>
  each((i) => {
    const x = [0, 1, 2, 3].map((k) => load(state, k * ELEMENT + i * VECTOR))
    const [x0 = [], x1 = [], x2 = [], x3 = []] = x
    const t = (k: number) => get(locals + k)
    const put = (k: number, value: Code) => set(locals + k, value)
    const out = [t(6), t(5), t(7), t(4)].flatMap((value, k) => store(state, k * ELEMENT + i * VECTOR, value))
    return [
      ...[...put(0, add(x0, x1)), ...put(1, add(x2, x3))],
      ...[...put(2, add(shiftLeft(x1, 1), t(1))), ...put(3, add(shiftLeft(x3, 1), t(0)))],
      ...[...put(4, add(shiftLeft(t(1), 2), t(3))), ...put(5, add(shiftLeft(t(0), 2), t(2)))],
      ...[...put(6, add(t(3), t(5))), ...put(7, add(t(2), t(4)))],
      ...out,
    ]
  })
