/**
 * Remembers the answers to questions that have one answer for ever, such as reads at a block hash: at most
 * `maxEntries`, the oldest go first. Concurrent askers share one question; failures aren't remembered.
 */
export function createMemo<T>(maxEntries: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (key, ask) => {
    const answer = answers.get(key) ?? ask()
    if (answers.has(key)) return answer
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    const [oldest] = answers.keys()
    if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest)
    return answer
  }
}
