import { address, assemble, type Code, call, type Func, get } from './assembler.ts'
import {
  addCode,
  constants,
  ELEMENT,
  fromLimbs,
  LIMBS,
  limbsOf,
  mixCode,
  mulCode,
  R,
  reduceCode,
  splitCode,
  squareCode,
} from './field-code.ts'
import { DIAGONAL, FIELD, FULL_ROUNDS, PARTIAL_ROUNDS } from './parameters.ts'

/** Elements of the state. */
const WIDTH = 4
/** Elements of the state that take input. */
export const RATE = WIDTH - 1

/** Where the constants of the arithmetic end, bytes. */
const CONSTANTS_END = 2_048
const STATE = CONSTANTS_END
const INPUT = STATE + WIDTH * ELEMENT
const OUTPUT = INPUT + WIDTH * ELEMENT
const POWER = OUTPUT + ELEMENT
const SUM = POWER + ELEMENT
const TO_MONTGOMERY = SUM + ELEMENT
const ONE = TO_MONTGOMERY + ELEMENT
const ZERO = ONE + ELEMENT
const DIAGONAL_AT = ZERO + ELEMENT
const FULL_AT = DIAGONAL_AT + WIDTH * ELEMENT
const PARTIAL_AT = FULL_AT + FULL_ROUNDS.length * WIDTH * ELEMENT

const element = (i: number, from = STATE): Code => address(from + i * ELEMENT)
const times = (count: number, code: (i: number) => Code): Code =>
  Array.from({ length: count }, (_, i) => code(i)).flat()

// Functions of the module, by their place.
const [MUL, SQUARE, REDUCE, SBOX, FULL, PARTIAL, START, DUPLEX] = [0, 1, 2, 3, 4, 5, 6, 7] as const
const [mul, square, reduce] = [MUL, SQUARE, REDUCE].map(
  (index) =>
    (...args: Code[]) =>
      call(index, ...args),
) as [(to: Code, a: Code, b: Code) => Code, (to: Code, a: Code) => Code, (x: Code) => Code]

/** x^5. */
const sboxCode: Func = {
  params: 1,
  locals: 0,
  body: [
    ...square(address(POWER), get(0)),
    ...square(address(POWER), address(POWER)),
    ...mul(get(0), address(POWER), get(0)),
  ],
}

const offset = (at: Code, bytes: number): Code => [...at, ...address(bytes), 0x6a] // i32.add

/** @param get(0) where the round's constants are. */
const fullCode: Func = {
  params: 1,
  locals: 8,
  body: [
    ...times(WIDTH, (i) => [
      ...addCode(element(i), [element(i), offset(get(0), i * ELEMENT)]),
      ...reduce(element(i)),
      ...call(SBOX, element(i)),
    ]),
    ...mixCode(address(STATE), 1),
  ],
}

const partialCode: Func = {
  params: 1,
  locals: 0,
  body: [
    ...addCode(element(0), [element(0), get(0)]),
    ...[...reduce(element(0)), ...call(SBOX, element(0))],
    ...addCode(
      address(SUM),
      [0, 1, 2, 3].map((i) => element(i)),
    ),
    ...reduce(address(SUM)),
    ...times(WIDTH, (i) => [
      ...mul(element(i), element(i, DIAGONAL_AT), element(i)),
      ...addCode(element(i), [element(i), address(SUM)]),
    ]),
  ],
}

/** Takes an input in Montgomery's form. */
const readCode = (to: Code, input: number): Code => [
  ...splitCode(to, element(input, INPUT)),
  ...mul(to, to, address(TO_MONTGOMERY)),
]

/** Begins with the fourth input, which is the capacity's, and nothing else. */
const startCode: Func = {
  params: 0,
  locals: 0,
  body: [...times(RATE, (i) => addCode(element(i), [address(ZERO)])), ...readCode(element(RATE), RATE)],
}

const halfOfFull = FULL_ROUNDS.length / 2
const full = (round: number): Code => call(FULL, address(FULL_AT + round * WIDTH * ELEMENT))

/** Adds the inputs, permutes, and puts the first element out. */
const duplexCode: Func = {
  params: 0,
  locals: 8,
  body: [
    ...times(RATE, (i) => [...readCode(address(SUM), i), ...addCode(element(i), [element(i), address(SUM)])]),
    ...mixCode(address(STATE), 0),
    ...times(halfOfFull, full),
    ...times(WIDTH, (i) => reduce(element(i))),
    ...times(PARTIAL_ROUNDS.length, (round) => call(PARTIAL, address(PARTIAL_AT + round * ELEMENT))),
    ...times(halfOfFull, (round) => full(halfOfFull + round)),
    ...times(WIDTH, (i) => reduce(element(i))),
    ...mul(address(OUTPUT), element(0), address(ONE)),
  ],
}

/** What the module exports. */
interface Exports {
  memory: { buffer: ArrayBuffer }
  start(): void
  duplex(): void
}

/** Two sponges side by side: 0 and 1. */
export interface Sponges {
  /** Sets an input of one of the two; below the field's order. */
  put(which: number, input: number, value: bigint): void
  /** Begins, with what was put for the capacity: input {@link RATE}. */
  start(): void
  /** Takes the inputs in, and permutes. */
  duplex(): void
  /** The first element of the state. */
  take(which: number): bigint
}

/** A module from its bytes; undefined where the engine doesn't know an instruction. */
export type Instantiate = (bytes: Uint8Array) => Exports | undefined

/** What is used of the engine, which Node's types don't know. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    validate(bytes: Uint8Array): boolean
    Module: new (bytes: Uint8Array) => object
    Instance: new (module: object) => { readonly exports: unknown }
  }
}

export const instantiate: Instantiate = (bytes) =>
  WebAssembly.validate(bytes) ? (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports) : undefined

/** @returns undefined where there is no module. */
export function createSponges(make: Instantiate): Sponges | undefined {
  const code = [mulCode(), squareCode(), reduceCode(), sboxCode, fullCode, partialCode, startCode, duplexCode]
  const exports = make(assemble(code, { start: START, duplex: DUPLEX }))
  if (exports === undefined) return undefined
  const { memory, start, duplex } = exports
  const words = new BigInt64Array(memory.buffer)
  const write = (at: number, which: number, limbs: readonly bigint[]) => {
    for (let i = 0; i < limbs.length; i++) words[at / 8 + 2 * i + which] = limbs[i] ?? 0n
  }
  const writeBoth = (at: number, limbs: readonly bigint[]) => {
    write(at, 0, limbs)
    write(at, 1, limbs)
  }
  const inForm = (value: bigint) => limbsOf((value * R) % FIELD)
  writeBoth(0, constants)
  writeBoth(TO_MONTGOMERY, limbsOf((R * R) % FIELD))
  writeBoth(ONE, limbsOf(1n))
  for (const [i, value] of DIAGONAL.entries()) writeBoth(DIAGONAL_AT + i * ELEMENT, inForm(value))
  for (const [i, value] of FULL_ROUNDS.flat().entries()) writeBoth(FULL_AT + i * ELEMENT, inForm(value))
  for (const [i, value] of PARTIAL_ROUNDS.entries()) writeBoth(PARTIAL_AT + i * ELEMENT, inForm(value))
  return {
    put(which, input, value) {
      const at = (INPUT + input * ELEMENT) / 8 + which
      words[at] = value // cut to its lowest 64 bits, as the others are
      words[at + 2] = value >> 64n
      words[at + 4] = value >> 128n
      words[at + 6] = value >> 192n
    },
    start,
    duplex,
    take(which) {
      const limbs = Array.from({ length: LIMBS }, (_, i) => words[OUTPUT / 8 + 2 * i + which] ?? 0n)
      const value = fromLimbs(limbs)
      return value < 0n ? value + FIELD : value
    },
  }
}
