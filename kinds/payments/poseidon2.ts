import type { BarretenbergSync } from '@aztec/bb.js'
import { poseidon2Hash } from '@zkpassport/poseidon2'
import { bytesToBigInt, numberToBytes } from 'viem/utils'

let loading: Promise<BarretenbergSync> | undefined
let barretenberg: BarretenbergSync | undefined

/**
 * Has bb.js hash from now on, in WebAssembly, which takes a fifth of the time. Loading it takes a third of a second, so
 * whoever hashes little does without it.
 */
export async function loadFastHash(): Promise<void> {
  loading ??= import('@aztec/bb.js').then(({ BackendType, BarretenbergSync: { new: create } }) =>
    create({ backend: BackendType.Wasm }),
  )
  barretenberg = await loading
}

/** Gives Poseidon2 of Noir's `std`, of numbers below the field's order. How many there are is part of their hash. */
export function poseidon2(numbers: readonly bigint[]): bigint {
  if (barretenberg === undefined) return poseidon2Hash([...numbers])
  const inputs = numbers.map((value) => numberToBytes(value, { size: 32 }))
  return bytesToBigInt(barretenberg.poseidon2Hash({ inputs }).hash)
}
