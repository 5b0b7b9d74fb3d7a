import { FatalError } from '../../protocol/base/errors.ts'

export class ProcessEndedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-PROCESS-ENDED',
    happened: 'A process of the stack ended before it was ready, or while something waited for it.',
    remedy: 'read its log, whose path is given.',
  }
  override readonly name = 'ProcessEndedError'
  constructor(p: { process: string; ending: string; logFile: string; lastLines: string }) {
    super(`Process "${p.process}" ended: ${p.ending}. Last lines of its log:\n${p.lastLines}`, {
      remedy: `read ${p.logFile}.`,
    })
  }
}

export class ProcessNotReadyError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-PROCESS-NOT-READY',
    happened: 'A process of the stack runs but its health check never succeeded.',
    remedy: 'read its log, whose path is given; on a very slow or busy machine try again.',
  }
  override readonly name = 'ProcessNotReadyError'
  constructor(p: { process: string; timeoutMs: number; logFile: string; cause: unknown }) {
    super(`Process "${p.process}" was not ready within ${p.timeoutMs / 1000} s.`, {
      remedy: `read ${p.logFile}; on a very slow or busy machine try again.`,
      cause: p.cause,
    })
  }
}

export class SpawnError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-SPAWN',
    happened: 'A program could not be started at all: not there, or not executable.',
    remedy: 'check that the program exists and is executable; `npm install` and `npm run setup` put ours in place.',
  }
  override readonly name = 'SpawnError'
  constructor(p: { process: string; command: string; reason: string }) {
    super(`Process "${p.process}" could not be started (${p.command}): ${p.reason}.`, {
      remedy: [
        SpawnError.entry.remedy,
        ...(/EACCES/.test(p.reason)
          ? ['If its folder is mounted noexec, keep the checkout on another mount, and name one in ZKPOW_CACHE.']
          : []),
      ].join(' '),
    })
  }
}

export class StackUsageError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-USAGE',
    happened: "What was asked of a part of the stack can't be done here.",
    remedy: 'change what is named.',
  }
  override readonly name = 'StackUsageError'
}

export class GethUnavailableError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-NO-GETH',
    happened: "The node geth is not in the cache and can't be built.",
    remedy: 'install Go 1.25 or later to have it built here, or use anvil, which needs nothing.',
  }
  override readonly name = 'GethUnavailableError'
  constructor(p: { reason: string; cause?: unknown }) {
    super(`geth could not be obtained: ${p.reason}.`, {
      cause: p.cause,
    })
  }
}

export class TemporalUnavailableError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-STACK-NO-TEMPORAL',
    happened: "Temporal's dev server is not there, and could be neither downloaded nor built.",
    remedy:
      "install Temporal's command line so that `temporal` is on the PATH, or name it in TEMPORAL_CLI_PATH, or name a running server in TEMPORAL_ADDRESS, or install Go 1.26.4 or later to have it built here.",
  }
  override readonly name = 'TemporalUnavailableError'
  constructor(p: { reason: string; cause?: unknown }) {
    super(`Temporal's dev server could not be obtained: ${p.reason}.`, {
      cause: p.cause,
    })
  }
}
