/** Runs in the thread: answers the calls that `execution-thread.ts` posts, one after the other. */
import { parentPort } from 'node:worker_threads'
import { sendError } from './errors-across.ts'
import { createReplays, type ThreadCalls } from './replays.ts'

/** A call, of which the number is said again with its answer. */
export type Call = {
  [Name in keyof ThreadCalls]: { number: number; name: Name; p: Parameters<ThreadCalls[Name]>[0] }
}[keyof ThreadCalls]

const replays = createReplays()
let last: Promise<void> = Promise.resolve()

parentPort?.on('message', (call: Call) => {
  last = last.then(() => answer(call))
})

async function answer({ number, name, p }: Call): Promise<void> {
  const act = replays[name] as (p: Call['p']) => Promise<unknown>
  try {
    parentPort?.postMessage({ number, value: await act(p) })
  } catch (error) {
    parentPort?.postMessage({ number, error: sendError(error) })
  }
}
