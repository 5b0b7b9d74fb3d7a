/** Exit codes that shells give to programs ended by these signals. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Runs `stop` on the first Ctrl-C or request to end, then exits. On the second one it exits at once; the supervisor
 * then ends what is left. Answers a function that takes the handlers away again.
 */
export function stopOnSignals(stop: (signal: NodeJS.Signals) => Promise<void>): () => void {
  let isStopping = false
  const handlers = Object.entries(EXIT_CODES).map(([signal, exitCode]) => {
    const handler = () => {
      if (isStopping) process.exit(exitCode)
      isStopping = true
      void stop(signal as NodeJS.Signals).finally(() => process.exit(exitCode))
    }
    process.on(signal, handler)
    return { signal, handler }
  })
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler)
  }
}
