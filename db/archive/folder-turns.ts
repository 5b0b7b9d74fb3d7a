/** Runs a step when those asked for before it are over. */
export type FolderTurns = <R>(step: () => Promise<R>) => Promise<R>

/**
 * Runs steps one after the other, and gives up on one that takes longer than the limit, or whose turn comes later than
 * that. What hangs in a file system can't be stopped and keeps a thread, of which the process has four for all files
 * and host names: so one may hang, and until it is over all others fail at once.
 */
export function createTurns({ timeoutMs, timedOut }: { timeoutMs: number; timedOut: () => Error }): FolderTurns {
  let isHanging = false
  let last: Promise<unknown> = Promise.resolve()

  async function run<R>(step: () => Promise<R>): Promise<R> {
    if (isHanging) throw timedOut()
    const limit = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      isHanging = true
      limit.reject(timedOut())
    }, timeoutMs)
    const outcome = step().finally(() => {
      clearTimeout(timer)
      isHanging = false
    })
    return Promise.race([outcome, limit.promise])
  }

  return (step) => {
    const asked = performance.now()
    const turn = last.then(() => {
      // Behind a disk that is slow, nobody waits ever longer.
      if (performance.now() - asked > timeoutMs) throw timedOut()
      return run(step)
    })
    last = turn.catch(() => undefined) // the failure is told to who asked
    return turn
  }
}
