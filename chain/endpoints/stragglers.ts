import { setTimeout as sleep } from 'node:timers/promises'

/** After enough answers are there, the others get this long, ms: an endpoint that hangs must not delay every look. */
const STRAGGLER_MS = 400

/**
 * Gives what has come in by the time that all have answered, or enough have and the stragglers had their chance. Who
 * asks must mind what a straggler could have changed.
 * @param isEnough a number is how long the stragglers get, ms, where it isn't the usual time.
 * @param mostMs after which nobody is waited for. Default: as long as their requests take.
 */
export async function answersInTime<T>(
  asked: readonly Promise<T>[],
  isEnough: (answers: readonly T[]) => boolean | number,
  mostMs?: number,
): Promise<{ answers: T[]; failures: unknown[] }> {
  const answers: T[] = []
  const failures: unknown[] = []
  await new Promise<void>((resolve) => {
    let endsAt = Number.POSITIVE_INFINITY
    let timer: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(timer)
      clearTimeout(limit)
      resolve()
    }
    const limit = mostMs === undefined ? undefined : setTimeout(end, mostMs)
    const look = () => {
      if (answers.length + failures.length === asked.length) return end()
      const enough = isEnough(answers)
      if (enough === false) return
      const leftMs = enough === true ? STRAGGLER_MS : enough
      if (leftMs === 0) return end()
      if (performance.now() + leftMs >= endsAt) return
      endsAt = performance.now() + leftMs
      clearTimeout(timer)
      timer = setTimeout(end, leftMs)
    }
    if (asked.length === 0) end()
    for (const one of asked) {
      one
        .then((answer) => answers.push(answer))
        .catch((failure) => failures.push(failure))
        .finally(look)
    }
  })
  return { answers: [...answers], failures: [...failures] }
}

/**
 * Asks apart from what is asked in the same turn: what hangs keeps what went out with it waiting, and what is refused
 * takes it along.
 */
export async function inABatchOfItsOwn<T>(ask: () => Promise<T>): Promise<T> {
  await sleep(5)
  return ask()
}
