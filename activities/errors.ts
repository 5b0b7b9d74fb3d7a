import { FatalError, messageOf, RetryableError } from '../protocol/base/errors.ts'
import { plainText } from '../protocol/base/plain-text.ts'
import { formatRange, type SequenceKey } from '../protocol/base/ranges.ts'
import type { ProofRequest, RangeOfSequence } from '../protocol/proof/request.ts'
import type { BlobRef } from '../protocol/proof/task.ts'

export class InputsMissingError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PROOF-INPUTS-MISSING',
    happened: 'The inputs of a sequence are not in the database: it was emptied, or nobody has prepared them.',
    remedy: 'nothing: the sequence prepares them again from the base chain.',
  }
  override readonly name = 'InputsMissingError'

  constructor({ sequence, range }: RangeOfSequence) {
    super(
      `Batches ${formatRange(range)} of ${sequence.rollup} have no stored inputs for the data ${sequence.accInputHash}.`,
    )
  }
}

export class ProofMissingError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PROOF-MISSING',
    happened: 'A proof that others are built on is no longer in the database.',
    remedy: 'nothing: the sequence plans its proofs again from what is stored.',
  }
  override readonly name = 'ProofMissingError'

  constructor({ sequence, range, stage }: ProofRequest, child: BlobRef) {
    super(
      `The ${stage} proof of batches ${formatRange(range)} of ${sequence.rollup} builds on ${child.sha256}, which the database no longer holds.`,
    )
  }
}

export class UnknownRollupError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-NO-ROLLUP',
    happened: "A workflow is about a rollup that the configuration of this aggregator doesn't have.",
    remedy: 'add it under `rollups`, or terminate the workflows of a rollup that you no longer serve.',
  }
  override readonly name = 'UnknownRollupError'

  constructor(rollup: string) {
    super(`Rollup "${rollup}" isn't in the configuration of this aggregator.`)
  }
}

export class AccInputHashMismatchError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-SEQUENCE-HASH-MISMATCH',
    happened: "The posted data of a sequence doesn't hash to what the contract holds.",
    remedy: 'check that the configured kind fits the contract; nothing is proved from data that does not match.',
  }
  override readonly name = 'AccInputHashMismatchError'

  constructor(p: { rollup: string; batchNum: number; expected: string; actual: string }) {
    super(
      `The posted data up to batch ${p.batchNum} of ${p.rollup} hashes to ${p.actual}, the contract holds ${p.expected}.`,
    )
  }
}

export class SequenceNotPostedError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-SEQUENCE-NOT-POSTED',
    happened:
      'The sequence is not on the chain as the agreeing endpoints see it: a reorg took it, or an endpoint is behind.',
    remedy:
      'wait if a reorg is under way; else check `deployedAtBlock` of the rollup and that the endpoints serve old logs.',
  }
  override readonly name = 'SequenceNotPostedError'

  constructor({ rollup, from, to }: SequenceKey) {
    super(`The transaction that sequenced batches ${from}-${to} of ${rollup} can't be found.`)
  }
}

export class UnknownChainError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-NO-CHAIN',
    happened: 'A workflow watches a chain on which the configuration of this aggregator has no rollup.',
    remedy: 'add one under `rollups`, or terminate the workflow of a chain that you no longer serve.',
  }
  override readonly name = 'UnknownChainError'

  constructor(chainId: number) {
    super(`No rollup of this aggregator's configuration is on chain ${chainId}.`)
  }
}

export class UnknownSenderError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-NO-ACCOUNT',
    happened: "A sender workflow asks for an account whose key this aggregator doesn't hold.",
    remedy: 'add the account under `accounts`, or terminate the sender of an account that you no longer use.',
  }
  override readonly name = 'UnknownSenderError'

  constructor(chainId: number, account: string) {
    super(`This aggregator's configuration has no key for account ${account} on chain ${chainId}.`)
  }
}

export class ForcedBatchesError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-SEQUENCE-FORCED',
    happened:
      'Somebody posted batches that the sequencer had left out, as a contract of 2023 allows. Their data has a form that no kind reads.',
    remedy:
      'nothing here, this version proves what sequenceBatches posted: others must prove them, the sequences after them wait.',
  }
  override readonly name = 'ForcedBatchesError'

  constructor({ rollup, from, to }: SequenceKey) {
    super(
      `Batches ${formatRange({ from, to })} of ${rollup} are forced ones: they were posted by sequenceForceBatches.`,
    )
  }
}

/** Says what failed and what helps, in one line for people. */
export const failureText = (error: unknown): string => plainText(messageOf(error))
