/** What happened when, for whoever has to find out why. */
export interface Timeline {
  note(text: string): void
  /** Tells the time since the run's beginning, ms. */
  now(): number
  readonly lines: readonly string[]
}

export function createTimeline(echo: (line: string) => void): Timeline {
  const startedAt = performance.now()
  const lines: string[] = []
  const now = () => Math.round(performance.now() - startedAt)
  return {
    lines,
    now,
    note: (text) => {
      const line = `${(now() / 1000).toFixed(1).padStart(6)} s  ${text}`
      lines.push(line)
      echo(line)
    },
  }
}
