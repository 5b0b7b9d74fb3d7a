import { FatalError, messageOf, RetryableError } from '../protocol/base/errors.ts'
import { plainText } from '../protocol/base/plain-text.ts'
import { formatRange, type SequenceKey } from '../protocol/base/ranges.ts'
import type { ProofRequest, RangeOfSequence } from '../protocol/proof/request.ts'
import type { BlobRef } from '../protocol/proof/task.ts'

/** The inputs of a sequence are not in the database: it was emptied, or nobody has prepared them. */
export class InputsMissingError extends FatalError {
  override readonly name = 'InputsMissingError'
  readonly code = 'ZKPOW-ACTIVITY-001'

  constructor({ sequence, range }: RangeOfSequence) {
    super(
      `Batches ${formatRange(range)} of ${sequence.rollup} have no stored inputs for the data ${sequence.accInputHash}.`,
      {
        remedy: 'nothing: the sequence prepares them again from the base chain.',
      },
    )
  }
}

/** A proof that others are built on is no longer in the database. */
export class ProofMissingError extends FatalError {
  override readonly name = 'ProofMissingError'
  readonly code = 'ZKPOW-ACTIVITY-002'

  constructor({ sequence, range, stage }: ProofRequest, child: BlobRef) {
    super(
      `The ${stage} proof of batches ${formatRange(range)} of ${sequence.rollup} builds on ${child.sha256}, which the database no longer holds.`,
      {
        remedy: 'nothing: the sequence plans its proofs again from what is stored.',
      },
    )
  }
}

/** A workflow names a rollup that this aggregator's configuration doesn't have. */
export class UnknownRollupError extends RetryableError {
  override readonly name = 'UnknownRollupError'
  readonly code = 'ZKPOW-ACTIVITY-003'

  constructor(rollup: string) {
    super(`Rollup "${rollup}" isn't in the configuration of this aggregator.`, {
      remedy: 'add it under `rollups`, or terminate the workflows of a rollup that you no longer serve.',
    })
  }
}

/** The posted data doesn't hash to what the contract holds. */
export class AccInputHashMismatchError extends FatalError {
  override readonly name = 'AccInputHashMismatchError'
  readonly code = 'ZKPOW-ACTIVITY-004'

  constructor(p: { rollup: string; batchNum: number; expected: string; actual: string }) {
    super(
      `The posted data up to batch ${p.batchNum} of ${p.rollup} hashes to ${p.actual}, the contract holds ${p.expected}.`,
      {
        remedy: 'check that the configured kind fits the contract; nothing is proved from data that does not match.',
      },
    )
  }
}

/** The sequence is not on the chain as the agreeing endpoints see it: a reorg took it, or an endpoint is behind. */
export class SequenceNotPostedError extends RetryableError {
  override readonly name = 'SequenceNotPostedError'
  readonly code = 'ZKPOW-ACTIVITY-005'

  constructor({ rollup, from, to }: SequenceKey) {
    super(`The transaction that sequenced batches ${from}-${to} of ${rollup} can't be found.`, {
      remedy:
        'wait if a reorg is under way; else check `deployedAtBlock` of the rollup and that the endpoints serve old logs.',
    })
  }
}

/** A workflow watches a chain on which this aggregator's configuration has no rollup. */
export class UnknownChainError extends RetryableError {
  override readonly name = 'UnknownChainError'
  readonly code = 'ZKPOW-ACTIVITY-006'

  constructor(chainId: number) {
    super(`No rollup of this aggregator's configuration is on chain ${chainId}.`, {
      remedy: 'add one under `rollups`, or terminate the workflow of a chain that you no longer serve.',
    })
  }
}

/** A sender workflow asks for an account whose key this aggregator doesn't hold. */
export class UnknownSenderError extends RetryableError {
  override readonly name = 'UnknownSenderError'
  readonly code = 'ZKPOW-ACTIVITY-007'

  constructor(chainId: number, account: string) {
    super(`This aggregator's configuration has no key for account ${account} on chain ${chainId}.`, {
      remedy: 'add the account under `accounts`, or terminate the sender of an account that you no longer use.',
    })
  }
}

/**
 * Anybody may post batches that the sequencer left out, at a contract of 2023; their data has a form that no kind
 * reads.
 */
export class ForcedBatchesError extends FatalError {
  override readonly name = 'ForcedBatchesError'
  readonly code = 'ZKPOW-ACTIVITY-008'

  constructor({ rollup, from, to }: SequenceKey) {
    super(
      `Batches ${formatRange({ from, to })} of ${rollup} are forced ones: they were posted by sequenceForceBatches.`,
      {
        remedy:
          'nothing here, this version proves what sequenceBatches posted: others must prove them, the sequences after them wait.',
      },
    )
  }
}

/** What failed and what helps, in one line for people. */
export const failureText = (error: unknown): string => plainText(messageOf(error))
