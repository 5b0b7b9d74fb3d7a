import { FatalError } from '../../protocol/base/errors.ts'

const RESEQUENCE = 'ask the sequencer: this sequence can never be proved as it was posted.'

/** The genesis accounts that the contract emitted have no valid form. */
export class GenesisFormatError extends FatalError {
  override readonly name = 'GenesisFormatError'
  readonly code = 'ZKPOW-PAYMENTS-001'
  constructor(fact: string) {
    super(fact, {
      remedy: 'check the address and kind of this rollup; a contract with such a genesis must be deployed anew.',
    })
  }
}

/** The genesis accounts don't hash to the state root of batch 0. */
export class GenesisRootError extends FatalError {
  override readonly name = 'GenesisRootError'
  readonly code = 'ZKPOW-PAYMENTS-002'
  constructor(p: { expected: string; actual: string }) {
    super(`The genesis accounts hash to ${p.actual}; the contract's state root of batch 0 is ${p.expected}.`, {
      remedy: 'check the address and kind of this rollup; a contract with such a genesis must be deployed anew.',
    })
  }
}

/** A batch's posted data hasn't the one length that this kind has. */
export class BatchLengthError extends FatalError {
  override readonly name = 'BatchLengthError'
  readonly code = 'ZKPOW-PAYMENTS-003'
  constructor(p: { expected: number; actual: number }) {
    super(`A batch has ${p.expected} bytes; ${p.actual} were posted.`, { remedy: RESEQUENCE })
  }
}

/** The sequencing transaction's calldata is not a call of `sequenceBatches`. */
export class SequenceCalldataError extends FatalError {
  override readonly name = 'SequenceCalldataError'
  readonly code = 'ZKPOW-PAYMENTS-004'
  constructor(cause: unknown) {
    super('The calldata of the sequencing transaction is not a call of sequenceBatches.', {
      remedy:
        'have the trusted sequencer call the rollup contract directly: calls through other contracts can not be decoded.',
      cause,
    })
  }
}

/** A stored snapshot is not one of this kind, or was cut. */
export class SnapshotFormatError extends FatalError {
  override readonly name = 'SnapshotFormatError'
  readonly code = 'ZKPOW-PAYMENTS-005'
  constructor(fact: string) {
    super(fact, { remedy: 'delete the stored snapshot: the state is replayed from the chain.' })
  }
}
