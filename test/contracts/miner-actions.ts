import type { Address, Hex } from 'viem'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import { proofHash } from '../../protocol/proof/public-input.ts'
import type { Call } from './harness.ts'
import { coinbase, proofOf, type TestSequence } from './sequences.ts'

/** Makes the call with which the sequencer posts `sequence`. */
export const sequencing = (from: Address, sequence: TestSequence): Call<'sequenceBatches'> => ({
  from,
  functionName: 'sequenceBatches',
  args: [sequence.batches, coinbase],
})

/** Makes the call with which `from` commits to `proof`, by default the first good one it could make. */
export const committing = (
  from: Address,
  sequence: TestSequence,
  proof: Hex = proofOf(sequence, from),
): Call<'submitProofHash'> => ({
  from,
  functionName: 'submitProofHash',
  args: [BigInt(sequence.init), BigInt(sequence.final), proofHash(proof, from)],
})

/** Makes the call with which `from` shows `proof`, by default the first good one it could make. */
export const proving = (
  from: Address,
  sequence: TestSequence,
  proof: Hex = proofOf(sequence, from),
): Call<'verifyBatches'> => ({
  from,
  functionName: 'verifyBatches',
  args: [BigInt(sequence.init), BigInt(sequence.final), EMPTY_LOCAL_EXIT_ROOT, sequence.newStateRoot, proof],
})

/** Makes the call with which anybody settles the commitment of `miner`. */
export const settling = (from: Address, sequence: TestSequence, miner: Address): Call<'settle'> => ({
  from,
  functionName: 'settle',
  args: [BigInt(sequence.final), miner],
})

/** Makes the call with which `from` claims, naming these sequences. */
export const claiming = (from: Address, sequences: readonly TestSequence[]): Call<'claim'> => ({
  from,
  functionName: 'claim',
  args: [sequences.map((sequence) => BigInt(sequence.final))],
})

/** Makes the call with which `from` stakes `amount` wei. */
export const staking = (from: Address, amount: bigint): Call<'deposit'> => ({
  from,
  functionName: 'deposit',
  args: [],
  value: amount,
})
