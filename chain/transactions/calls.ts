import { bytesToHex, encodeFunctionData } from 'viem/utils'
import { type Hex, initNumBatch } from '../../protocol/base/ranges.ts'
import type { StakeMove } from '../../protocol/sender/fates.ts'
import type { SequenceIntent } from '../../protocol/sender/intent.ts'
import { depositAbi, roundsAbi, twoStepAbi } from '../abi.ts'
import { InvalidIntentError } from '../errors.ts'

/** A final proof's bytes with what `verifyBatches` takes beside them. */
export interface FinalProofParts {
  proof: Uint8Array
  newStateRoot: Hex
  newLocalExitRoot: Hex
}

/**
 * Makes the calldata of a transaction that a sequence wants.
 * @param final the stored proof that the intent refers to; needed for both kinds of proving only.
 * @throws InvalidIntentError when the intent's step needs a proof and there is none.
 */
export function intentCalldata(intent: SequenceIntent, final: FinalProofParts | null): Hex {
  const range = [BigInt(initNumBatch(intent)), BigInt(intent.to)] as const
  if (intent.step === 'claim') {
    const batches = [intent.to, ...(intent.also ?? [])].map(BigInt)
    return encodeFunctionData({ abi: roundsAbi, functionName: 'claim', args: [batches] })
  }
  if (intent.finalProof === null) throw missing(intent)
  if (intent.step === 'commit') {
    return encodeFunctionData({
      abi: twoStepAbi,
      functionName: 'submitProofHash',
      args: [...range, intent.finalProof.proofHash],
    })
  }
  if (final === null) throw missing(intent)
  const args = [...range, final.newLocalExitRoot, final.newStateRoot, bytesToHex(final.proof)] as const
  return encodeFunctionData({ abi: twoStepAbi, functionName: 'verifyBatches', args })
}

const missing = ({ rollup, from, to, step }: SequenceIntent) =>
  new InvalidIntentError(`The intent to ${step} batches ${from}-${to} of ${rollup} names no final proof.`)

/** Makes the calldata and coins of a deposit or a withdrawal. */
export function stakeCall({ kind, wei }: StakeMove): { data: Hex; valueWei: bigint } {
  if (kind === 'deposit')
    return { data: encodeFunctionData({ abi: depositAbi, functionName: 'deposit' }), valueWei: wei }
  return { data: encodeFunctionData({ abi: depositAbi, functionName: 'withdraw', args: [wei] }), valueWei: 0n }
}
