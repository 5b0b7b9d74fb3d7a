/** Bytes of a WebAssembly module: as much of the format as the permutation needs (WebAssembly 3.0, binary format). */

/** Instructions. An expression leaves its value on the stack. */
export type Code = readonly number[]

/** A function without results. Its parameters are addresses. */
export interface Func {
  params: number
  /** Vectors, numbered after the parameters. */
  locals: number
  body: Code
}

const I32 = 0x7f
const V128 = 0x7b
const END = 0x0b

/** An unsigned number of any size, seven bits a byte. */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(Math.floor(value / 0x80))]

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]

const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content]

/** A signed number below 2^31, seven bits a byte. */
function signed(value: number): number[] {
  const rest = value >> 7
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0)
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)]
}

const simd =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const call = (func: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...unsigned(func)]
export const address = (value: number): Code => [0x41, ...signed(value)]

const ALIGNED = 4 // 2^4 bytes
export const load = (at: Code, offset = 0): Code => [...at, 0xfd, 0x00, ALIGNED, ...unsigned(offset)]
export const store = (at: Code, offset: number, value: Code): Code => [
  ...[...at, ...value, 0xfd, 0x0b, ALIGNED],
  ...unsigned(offset),
]

export const and = simd(0x4e)
export const or = simd(0x50)
export const add = simd(0xce) // i64x2
export const sub = simd(0xd1)
export const shiftLeft = (value: Code, bits: number): Code => simd(0xcb)(value, address(bits))
export const shiftRight = (value: Code, bits: number): Code => simd(0xcd)(value, address(bits)) // unsigned
export const addFloat = simd(0xf0) // f64x2
export const subFloat = simd(0xf1)
export const mulFloat = simd(0xf2)
/** a * b + c, which is rounded once where the processor can: this must be seen to. */
export const mulAddFloat = simd(0x107)

/** A module that has these functions, of which it exports some by their index, and one page of memory, `memory`. */
export function assemble(funcs: readonly Func[], exported: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  const name = (text: string) => vector([...new TextEncoder().encode(text)].map((byte) => [byte]))
  const types = funcs.map(({ params }) => [0x60, ...vector(Array.from({ length: params }, () => [I32])), 0])
  const exports = Object.entries(exported).map(([text, index]) => [...name(text), 0, ...unsigned(index)])
  const bodies = funcs.map(({ locals, body }) => {
    const content = [...vector([[...unsigned(locals), V128]]), ...body, END]
    return [...unsigned(content.length), ...content]
  })
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(funcs.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector([...exports, [...name('memory'), 2, 0]])),
    ...section(10, vector(bodies)),
  ])
}
