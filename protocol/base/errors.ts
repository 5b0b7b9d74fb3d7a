/** What every error of ours carries: a stable code, what happened to what, and what to do about it. */
abstract class ZkpowError extends Error {
  /** Stable identifier for logs, alerts and documentation. */
  abstract readonly code: string
  /** What an operator can do about it, as one sentence. */
  readonly remedy: string | undefined

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.remedy = options.remedy
  }

  /** Fact and remedy in one text, as the command line and the Web UI show it. */
  describe(): string {
    return this.remedy === undefined
      ? `${this.message} [${this.code}]`
      : `${this.message} Fix: ${this.remedy} [${this.code}]`
  }
}

/** What failed and, where it is ours, what helps. */
export function messageOf(error: unknown): string {
  if (error instanceof ZkpowError) return error.describe()
  return error instanceof Error ? error.message : String(error)
}

/** Trying again can help: a node is behind, a store is away, a window is not open yet. Exit code 75. */
export abstract class RetryableError extends ZkpowError {}

/** Trying again can't help until somebody changes something. Exit code 1. Activities report it as non-retryable. */
export abstract class FatalError extends ZkpowError {}
