import { FatalError } from '../../protocol/base/errors.ts'

export class GenesisFormatError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PAYMENTS-GENESIS-FORMAT',
    happened: 'The genesis accounts that the contract emitted have no valid form.',
    remedy: 'check the address and kind of this rollup; a contract with such a genesis must be deployed anew.',
  }
  override readonly name = 'GenesisFormatError'
}

export class GenesisRootError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PAYMENTS-GENESIS-ROOT',
    happened: "The genesis accounts don't hash to the state root of batch 0.",
    remedy: 'check the address and kind of this rollup; a contract with such a genesis must be deployed anew.',
  }
  override readonly name = 'GenesisRootError'
  constructor(p: { expected: string; actual: string }) {
    super(`The genesis accounts hash to ${p.actual}; the contract's state root of batch 0 is ${p.expected}.`)
  }
}

export class BatchLengthError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PAYMENTS-BATCH-LENGTH',
    happened: "A batch's posted data hasn't the one length that this kind has.",
    remedy: 'ask the sequencer: this sequence can never be proved as it was posted.',
  }
  override readonly name = 'BatchLengthError'
  constructor(p: { expected: number; actual: number }) {
    super(`A batch has ${p.expected} bytes; ${p.actual} were posted.`)
  }
}

export class SnapshotFormatError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PAYMENTS-SNAPSHOT-FORMAT',
    happened: 'A stored snapshot is not one of this kind, or was cut.',
    remedy: 'delete the stored snapshot: the state is replayed from the chain.',
  }
  override readonly name = 'SnapshotFormatError'
}
