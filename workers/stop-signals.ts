/** What tells a process to end, as Temporal's workers hear it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * Hears that the process is to end before its workers do: Temporal's runtime forgets it when nothing is connected.
 * @returns what aborts then. The second signal ends the process as if nobody listened.
 */
export function hearStop(): { stop: AbortSignal; forget(): void } {
  const controller = new AbortController()
  const onSignal = () => {
    forget()
    controller.abort()
  }
  const forget = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return { stop: controller.signal, forget }
}
