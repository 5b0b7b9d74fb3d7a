import { FatalError, RetryableError } from '../protocol/base/errors.ts'
import type { SequenceKey } from '../protocol/base/ranges.ts'

export class UsageError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-USAGE',
    happened: "What stands on the command line can't be meant, or not be done.",
    remedy: 'correct it; --help explains each command.',
  }
  override readonly name = 'UsageError'
}

export class SequenceNotRunningError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-NOT-RUNNING',
    happened: "The sequence's workflow isn't there, so nothing can be asked of it.",
    remedy:
      'see `zkpow sequence` for what became of it; a sequence that is still open is started again by its rollup within a minute.',
  }
  override readonly name = 'SequenceNotRunningError'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`)
  }
}

export class RollupNotRunningError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-NO-ROLLUP',
    happened: "The rollup's workflow isn't there, so nothing can be asked of it.",
    remedy:
      'check the name against `rollups` of the configuration, and that `zkpow aggregator` runs: it starts the workflows of all rollups.',
  }
  override readonly name = 'RollupNotRunningError'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`)
  }
}

export class NoAnswerError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-NO-ANSWER',
    happened: "The workflow didn't answer in time, usually because no aggregator runs.",
    remedy: 'see that `zkpow aggregator` runs; what was asked is carried out when it does.',
  }
  override readonly name = 'NoAnswerError'

  /** @param silentSince when an aggregator was heard of last, or `never`; null while one works. */
  constructor(workflowId: string, silentSince: string | null) {
    const aggregator =
      silentSince === null ? '' : ` The aggregator doesn't answer: it was heard of last at ${silentSince}.`
    super(`Workflow ${workflowId} gave no answer in time.${aggregator.replace('last at never', 'never')}`)
  }
}

export class CantGoOnError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-CANT-GO-ON',
    happened: "The workflow's task fails again and again: whatever it is asked, it can't answer.",
    remedy: 'ask again in two minutes: the aggregator ends it and starts it again. Its log says why.',
  }
  override readonly name = 'CantGoOnError'

  constructor(workflowId: string, failedTasks: number) {
    super(`Workflow ${workflowId} can't go on: its task has failed ${failedTasks} times in a row.`)
  }
}

export class RefusedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-REFUSED',
    happened: 'What was asked for was refused; the message says why.',
    remedy: 'see `zkpow status` for what can be asked for now.',
  }
  override readonly name = 'RefusedError'
}

export class SenderNotRunningError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-NO-SENDER',
    happened: "The account's sender isn't there, so nothing can be asked of it.",
    remedy: 'start `zkpow aggregator`, which starts the senders of all its accounts.',
  }
  override readonly name = 'SenderNotRunningError'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`)
  }
}

export class StakeWaitsError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-STAKE-WAITS',
    happened: "A stake was asked for and isn't there in the time that the command waits.",
    remedy: 'nothing: the sender goes on. The same command again follows it.',
  }
  override readonly name = 'StakeWaitsError'

  constructor(standing: string) {
    super(`The stake isn't there yet: ${standing}.`)
  }
}

export class UnknownSequenceError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-UNKNOWN-SEQUENCE',
    happened: 'Neither the database nor Temporal knows the sequence.',
    remedy: 'see `zkpow status` for the sequences that are known; a sequence goes by its first and last batch.',
  }
  override readonly name = 'UnknownSequenceError'

  constructor({ rollup, from, to }: SequenceKey) {
    super(`Nothing is known about a sequence of batches ${from}-${to} of rollup "${rollup}".`)
  }
}

export class SnapshotRefusedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-SNAPSHOT-REFUSED',
    happened: "A snapshot is damaged, another rollup's, or not a state that the contract has verified.",
    remedy:
      'have it exported again, by an aggregator of the same rollup and version; without one the state is replayed from the chain.',
  }
  override readonly name = 'SnapshotRefusedError'

  /** @param why completes "because". */
  constructor(why: string) {
    super(`The snapshot is refused: ${why}.`)
  }
}

export class SnapshotMissingError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CLI-SNAPSHOT-MISSING',
    happened: 'The database has no state of a verified batch, or not that which was asked for.',
    remedy:
      'leave out --batch, name the last batch of another sequence, or ask again when this aggregator has replayed the rollup.',
  }
  override readonly name = 'SnapshotMissingError'

  constructor({ rollup, asked, lastVerified }: { rollup: string; asked: number | undefined; lastVerified: number }) {
    const which = asked === undefined ? 'of a verified batch' : `after batch ${asked} that is verified`
    super(`No state of ${rollup} ${which} is stored; the contract has verified up to batch ${lastVerified}.`)
  }
}
