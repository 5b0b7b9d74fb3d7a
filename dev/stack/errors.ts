import { FatalError } from '../../protocol/base/errors.ts'

/** A process of the stack ended before it was ready, or while something waited for it. */
export class ProcessEndedError extends FatalError {
  override readonly name = 'ProcessEndedError'
  readonly code = 'STACK-PROCESS-ENDED'
  constructor(p: { process: string; ending: string; logFile: string; lastLines: string }) {
    super(`Process "${p.process}" ended: ${p.ending}. Last lines of its log:\n${p.lastLines}`, {
      remedy: `read ${p.logFile}.`,
    })
  }
}

/** A process of the stack runs but its health check never succeeded. */
export class ProcessNotReadyError extends FatalError {
  override readonly name = 'ProcessNotReadyError'
  readonly code = 'STACK-PROCESS-NOT-READY'
  constructor(p: { process: string; timeoutMs: number; logFile: string; cause: unknown }) {
    super(`Process "${p.process}" was not ready within ${p.timeoutMs / 1000} s.`, {
      remedy: `read ${p.logFile}; on a very slow or busy machine try again.`,
      cause: p.cause,
    })
  }
}

/** A program could not be started at all: not there, or not executable. */
export class SpawnError extends FatalError {
  override readonly name = 'SpawnError'
  readonly code = 'STACK-SPAWN'
  constructor(p: { process: string; command: string; reason: string }) {
    super(`Process "${p.process}" could not be started (${p.command}): ${p.reason}.`, {
      remedy: [
        'check that the program exists and is executable; `npm install` and `npm run setup` put ours in place.',
        ...(/EACCES/.test(p.reason)
          ? ['If its folder is mounted noexec, keep the checkout on another mount, and name one in ZKPOW_CACHE.']
          : []),
      ].join(' '),
    })
  }
}

/** What was asked of a part can't be done, such as killing a Temporal server that we didn't start. */
export class StackUsageError extends FatalError {
  override readonly name = 'StackUsageError'
  readonly code = 'STACK-USAGE'
}

/** geth is not in the cache and can't be built. */
export class GethUnavailableError extends FatalError {
  override readonly name = 'GethUnavailableError'
  readonly code = 'STACK-NO-GETH'
  constructor(p: { reason: string; cause?: unknown }) {
    super(`geth could not be obtained: ${p.reason}.`, {
      remedy: 'install Go 1.25 or later to have it built here, or use anvil, which needs nothing.',
      cause: p.cause,
    })
  }
}

/** Temporal's dev server is neither there nor could it be downloaded or built. */
export class TemporalUnavailableError extends FatalError {
  override readonly name = 'TemporalUnavailableError'
  readonly code = 'STACK-NO-TEMPORAL'
  constructor(p: { reason: string; cause?: unknown }) {
    super(`Temporal's dev server could not be obtained: ${p.reason}.`, {
      remedy: [
        "install Temporal's command line so that `temporal` is on the PATH, or name it in TEMPORAL_CLI_PATH,",
        'or name a running server in TEMPORAL_ADDRESS, or install Go 1.26.4 or later to have it built here.',
      ].join(' '),
      cause: p.cause,
    })
  }
}
