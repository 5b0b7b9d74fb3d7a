import { poseidon2Hash } from '@zkpassport/poseidon2'
import { createSponges, type Instantiate, instantiate, RATE, type Sponges } from './permutation.ts'

/** Hashes lists of numbers below the field's order. All lists are equally long. */
export type HashMany = (lists: readonly (readonly bigint[])[]) => bigint[]

/** One for each half of a vector, at the bounds of limbs and of the field. */
const PROBES = [
  [0n, (1n << 253n) - 1n, 1n, 1n << 51n],
  [21888242871839275222246405745257275088548364400416034343698204186575808495616n, 2n, (1n << 102n) - 1n, 3n],
]

/** Poseidon2 of Noir's `std`. The lists' lengths keep hashes of some from being hashes of others. */
export const hashMany: HashMany = createFast(instantiate, hashSlowly) ?? hashSlowly

function hashSlowly(lists: readonly (readonly bigint[])[]): bigint[] {
  return lists.map((list) => poseidon2Hash([...list]))
}

/**
 * Two at a time in WebAssembly.
 * @returns undefined where the engine doesn't know the instructions, or where hashes aren't those of the reference: a
 * processor that rounds twice where once is meant has others.
 */
export function createFast(make: Instantiate, reference: HashMany): HashMany | undefined {
  const sponges = createSponges(make)
  if (sponges === undefined) return undefined
  const hash: HashMany = (lists) =>
    Array.from({ length: Math.ceil(lists.length / 2) }, (_, i) =>
      hashPair(sponges, lists.slice(2 * i, 2 * i + 2)),
    ).flat()
  const expected = reference(PROBES)
  return hash(PROBES).every((value, i) => value === expected[i]) ? hash : undefined
}

/** @param lists one, or two. */
function hashPair(sponges: Sponges, lists: readonly (readonly bigint[])[]): bigint[] {
  const length = lists[0]?.length ?? 0
  const put = (input: number, partOf: (list: readonly bigint[]) => bigint) => {
    for (const [which, list] of lists.entries()) sponges.put(which, input, partOf(list))
  }
  put(RATE, (list) => BigInt(list.length) << 64n)
  sponges.start()
  for (let first = 0; first < Math.max(length, 1); first += RATE) {
    for (let i = 0; i < RATE; i++) put(i, (list) => list[first + i] ?? 0n)
    sponges.duplex()
  }
  return lists.map((_, which) => sponges.take(which))
}
