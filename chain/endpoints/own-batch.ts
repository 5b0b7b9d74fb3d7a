import { setTimeout as sleep } from 'node:timers/promises'

/** Asks apart from what is asked in the same turn: what hangs, or is refused, keeps waiting or takes along what went out with it. */
export async function inABatchOfItsOwn<T>(ask: () => Promise<T>): Promise<T> {
  await sleep(5)
  return ask()
}
