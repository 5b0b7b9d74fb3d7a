/** One thing that set-up makes once and later runs reuse: a binary, keys, compiled circuits. */
export interface SetupStep {
  /** Name on the command line: `npm run setup -- <id>`. */
  readonly id: string
  /** What the progress line says. */
  readonly title: string
  /** Tells why the result can't be had on this machine, for a step that may then be left out; undefined: it can be. */
  whyNot?(): Promise<string | undefined>
  /**
   * Tells whether the result is there already, for the present versions and sources. It is cheap, since it runs at
   * every start.
   */
  isDone(): Promise<boolean>
  /**
   * Makes the result. It is crash-safe (a half-made result is never taken for a whole one) and safe to run in two
   * processes at once. `report` takes the fraction done from 0 to 1, or `undefined` while unknown, and what is being
   * done.
   */
  run(report: SetupReport, signal: AbortSignal): Promise<void>
  /**
   * Tells what a later run shows of the result, such as its version, path or size. It is called when `isDone` holds.
   */
  reused(): Promise<string>
}

/** Progress of a step: fraction done (0 to 1, `undefined` while unknown) and what is being done now. */
export type SetupReport = (fraction: number | undefined, text: string) => void
