import { Worker } from 'node:worker_threads'
import { RetryableError } from '../../protocol/base/errors.ts'
import type { Executor, Replay, StoredState } from '../../protocol/proof/replay.ts'
import { receiveError, type SentError } from './errors-across.ts'
import type { ThreadCalls } from './replays.ts'

export class ExecutionThreadError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-SEQUENCE-EXECUTION-THREAD',
    happened: 'The thread that executes batches ended, and the state that it worked on went with it.',
    remedy:
      'nothing at first: it is started again, from the last stored state. If it stays, give the machine more memory, or see what the kind does.',
  }
  override readonly name = 'ExecutionThreadError'
}

/**
 * The one thread of a process in which kinds execute batches, so that what takes long keeps nobody waiting whom the
 * process serves. It is started by the first call, and again by the first one after its end.
 */
export interface ExecutionThread {
  /** @param module the file that exports the kind, which is loaded in the thread. */
  executorOf(module: string): Executor
  /** Ends the thread at once, whatever it does. @throws ExecutionThreadError to those who wait. */
  close(): Promise<void>
}

export function createExecutionThread(): ExecutionThread {
  let running: ReturnType<typeof startThread> | undefined
  let isClosed = false
  let replays = 0

  const thread = () => {
    if (isClosed) throw new ExecutionThreadError('The thread that executes batches was stopped.')
    if (running === undefined || running.isOver()) running = startThread()
    return running
  }

  return {
    executorOf: (module) => ({
      genesis: async (first) => thread().call('genesis', { module, first }),
      async startReplay(from) {
        replays += 1
        return startReplay({ call: thread().call, module, replay: replays }, from)
      },
    }),
    async close() {
      isClosed = true
      await running?.end()
    },
  }
}

/** A replay in one thread. When that ends it is over, because the state was there alone. */
interface InThread {
  call: CallThread
  module: string
  replay: number
}

async function startReplay({ call, module, replay }: InThread, from: StoredState): Promise<Replay> {
  const { readSnapshot, ...id } = from
  const start = { module, replay, from: id }
  if (!(await call('start', start))) await call('start', { ...start, snapshot: await readSnapshot() })
  let state = id
  return {
    get state() {
      return state
    },
    decode: (calldata) => call('decode', { module, replay, calldata }),
    async execute(batch, ids) {
      const { after, ...executed } = await call('execute', { module, replay, batch, ids })
      state = after
      return executed
    },
    snapshot: () => call('snapshot', { replay }),
    end: () => void call('end', { module, replay }).catch(() => {}), // the thread has lost it anyway
  }
}

type CallThread = <Name extends keyof ThreadCalls>(
  name: Name,
  p: Parameters<ThreadCalls[Name]>[0],
) => ReturnType<ThreadCalls[Name]>

type Answer = { number: number } & ({ value: unknown } | { error: SentError })

function startThread() {
  const worker = new Worker(new URL('./thread.ts', import.meta.url))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  let over: ExecutionThreadError | undefined

  const end = (why: string, cause?: unknown) => {
    over ??= new ExecutionThreadError(`The thread that executes batches ended: ${why}.`, { cause })
    for (const { reject } of waiting.values()) reject(over)
    waiting.clear()
  }
  worker.on('error', (error) => end(error.message, error))
  worker.on('exit', (code) => end(`its exit code was ${code}`))
  worker.on('message', ({ number, ...answer }: Answer) => {
    const asked = waiting.get(number)
    waiting.delete(number)
    if ('error' in answer) asked?.reject(receiveError(answer.error))
    else asked?.resolve(answer.value)
  })

  const call = async (name: string, p: unknown): Promise<unknown> => {
    if (over !== undefined) throw over
    calls += 1
    const asked = Promise.withResolvers<unknown>()
    waiting.set(calls, asked)
    worker.postMessage({ number: calls, name, p })
    return asked.promise
  }
  return {
    call: call as CallThread,
    isOver: () => over !== undefined,
    async end() {
      end('it was stopped')
      await worker.terminate()
    },
  }
}
