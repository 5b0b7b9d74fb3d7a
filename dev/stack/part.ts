/** One server of the stack. It keeps its port and its data over `kill` and `start`. */
export interface StackPart {
  readonly name: string
  readonly isRunning: boolean
  /** Starts it on the port and data it had, and waits until it answers. Does nothing while it runs. */
  start(): Promise<void>
  /** Ends it in an orderly way. Does nothing when it doesn't run. */
  stop(): Promise<void>
  /**
   * Signals it and its children, as a fault would. With SIGKILL it resolves when the process is gone; SIGSTOP and
   * SIGCONT suspend and resume it.
   */
  kill(signal: NodeJS.Signals): Promise<void>
}

/** A node of a local chain. */
export interface NodePart extends StackPart {
  readonly rpcUrl: string
  readonly chainId: number
}

/** Waits for parts that start at the same time. If one fails, those that started are stopped. */
export async function allOrNone<Parts extends readonly StackPart[]>(
  starting: { [Index in keyof Parts]: Promise<Parts[Index]> },
): Promise<Parts> {
  try {
    return (await Promise.all(starting)) as unknown as Parts
  } catch (error) {
    const settled = await Promise.allSettled(starting)
    await stopInTurn(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value as StackPart] : [])))
    throw error
  }
}

export async function stopInTurn(parts: StackPart[]): Promise<void> {
  for (const part of parts) await part.stop()
}
