/** What an operator finds about a class of errors in docs/errors.md, which is made of these (`npm run docs:errors`). */
export interface ErrorEntry {
  /** `ZKPOW`, the place where it is met, and words. It is stable, for people search for it and alerts match it. */
  code: string
  /** What happened, in whole sentences, without what differs from one error to the next. */
  happened: string
  /** What helps, as the end of a sentence that begins with "Fix:". An error may say it more exactly. */
  remedy: string
}

/** Carries what every error of ours has: a stable code, what happened to what, and what to do about it. */
abstract class ZkpowError extends Error {
  /** Each class has one of its own; `npm run check:errors` fails without it. */
  static readonly entry: ErrorEntry
  /** Stable identifier for logs, alerts and documentation. */
  readonly code: string
  /** What an operator can do about it, as one sentence. */
  readonly remedy: string

  /** @param options.remedy where more is known than what helps against all errors of the class. */
  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const { code, remedy } = new.target.entry
    this.code = code
    this.remedy = options.remedy ?? remedy
  }

  /** Says fact, remedy and code in one text, as the command line, logs and the Web UI show it. */
  describe(): string {
    const fact = /[.!?]$/.test(this.message) ? this.message : `${this.message}.` // a node's own words may end anyhow
    return `${fact} Fix: ${this.remedy} [${this.code}]`
  }
}

/** Says what failed and, where it is ours, what helps. */
export function messageOf(error: unknown): string {
  if (error instanceof ZkpowError) return error.describe()
  return error instanceof Error ? error.message : String(error)
}

/** Trying again can help: a node is behind, a store is away, or a window is not open yet. The exit code is 75. */
export abstract class RetryableError extends ZkpowError {}

/**
 * Trying again can't help until somebody changes something. The exit code is 1.
 * Activities report it as non-retryable.
 */
export abstract class FatalError extends ZkpowError {}
