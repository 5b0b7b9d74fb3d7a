import { FatalError, RetryableError } from '../protocol/base/errors.ts'
import type { SequenceKey } from '../protocol/base/ranges.ts'

/** What stands on the command line can't be meant. */
export class UsageError extends FatalError {
  override readonly name = 'UsageError'
  readonly code = 'ZKPOW-CLI-USAGE'
}

/** The sequence's workflow isn't there, so nothing can be asked of it. */
export class SequenceNotRunningError extends FatalError {
  override readonly name = 'SequenceNotRunningError'
  readonly code = 'ZKPOW-CLI-NOT-RUNNING'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`, {
      remedy:
        'see `zkpow sequence` for what became of it; a sequence that is still open is started again by its rollup within a minute.',
    })
  }
}

/** The rollup's workflow isn't there, so nothing can be asked of it. */
export class RollupNotRunningError extends FatalError {
  override readonly name = 'RollupNotRunningError'
  readonly code = 'ZKPOW-CLI-NO-ROLLUP'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`, {
      remedy:
        'check the name against `rollups` of the configuration, and that `zkpow aggregator` runs: it starts the workflows of all rollups.',
    })
  }
}

/** The workflow didn't answer in time, usually because no aggregator runs. */
export class NoAnswerError extends RetryableError {
  override readonly name = 'NoAnswerError'
  readonly code = 'ZKPOW-CLI-NO-ANSWER'

  /** @param silentSince when an aggregator was heard of last, or `never`; null while one works. */
  constructor(workflowId: string, silentSince: string | null) {
    const aggregator =
      silentSince === null ? '' : ` The aggregator doesn't answer: it was heard of last at ${silentSince}.`
    super(`Workflow ${workflowId} gave no answer in time.${aggregator.replace('last at never', 'never')}`, {
      remedy: 'see that `zkpow aggregator` runs; what was asked is carried out when it does.',
    })
  }
}

/** The workflow's task fails again and again: whatever it is asked, it can't answer. */
export class CantGoOnError extends RetryableError {
  override readonly name = 'CantGoOnError'
  readonly code = 'ZKPOW-CLI-CANT-GO-ON'

  constructor(workflowId: string, failedTasks: number) {
    super(`Workflow ${workflowId} can't go on: its task has failed ${failedTasks} times in a row.`, {
      remedy: 'ask again in two minutes: the aggregator ends it and starts it again. Its log says why.',
    })
  }
}

/** The workflow refused what was asked. */
export class RefusedError extends FatalError {
  override readonly name = 'RefusedError'
  readonly code = 'ZKPOW-CLI-REFUSED'
}

/** The account's sender isn't there, so nothing can be asked of it. */
export class SenderNotRunningError extends RetryableError {
  override readonly name = 'SenderNotRunningError'
  readonly code = 'ZKPOW-CLI-NO-SENDER'

  constructor(workflowId: string) {
    super(`Workflow ${workflowId} doesn't run.`, {
      remedy: 'start `zkpow aggregator`, which starts the senders of all its accounts.',
    })
  }
}

/** A stake was asked for and isn't there in the time that the command waits. */
export class StakeWaitsError extends RetryableError {
  override readonly name = 'StakeWaitsError'
  readonly code = 'ZKPOW-CLI-STAKE-WAITS'

  constructor(standing: string) {
    super(`The stake isn't there yet: ${standing}.`, {
      remedy: 'nothing: the sender goes on. The same command again follows it.',
    })
  }
}

/** Neither the database nor Temporal knows the sequence. */
export class UnknownSequenceError extends FatalError {
  override readonly name = 'UnknownSequenceError'
  readonly code = 'ZKPOW-CLI-UNKNOWN-SEQUENCE'

  constructor({ rollup, from, to }: SequenceKey) {
    super(`Nothing is known about a sequence of batches ${from}-${to} of rollup "${rollup}".`, {
      remedy: 'see `zkpow status` for the sequences that are known; a sequence goes by its first and last batch.',
    })
  }
}

/** A snapshot is damaged, another rollup's, or not a state that the contract has verified. */
export class SnapshotRefusedError extends FatalError {
  override readonly name = 'SnapshotRefusedError'
  readonly code = 'ZKPOW-CLI-SNAPSHOT-REFUSED'

  /** @param why completes "because". */
  constructor(why: string) {
    super(`The snapshot is refused: ${why}.`, {
      remedy:
        'have it exported again, by an aggregator of the same rollup and version; without one the state is replayed from the chain.',
    })
  }
}

/** The database has no state of a verified batch, or not that which was asked for. */
export class SnapshotMissingError extends FatalError {
  override readonly name = 'SnapshotMissingError'
  readonly code = 'ZKPOW-CLI-SNAPSHOT-MISSING'

  constructor({ rollup, asked, lastVerified }: { rollup: string; asked: number | undefined; lastVerified: number }) {
    const which = asked === undefined ? 'of a verified batch' : `after batch ${asked} that is verified`
    super(`No state of ${rollup} ${which} is stored; the contract has verified up to batch ${lastVerified}.`, {
      remedy:
        'leave out --batch, name the last batch of another sequence, or ask again when this aggregator has replayed the rollup.',
    })
  }
}
