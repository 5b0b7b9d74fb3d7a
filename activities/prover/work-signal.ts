import { cancellationSignal } from '@temporalio/activity'

/** Longest time that work goes on after the server stopped to wait for it, ms. */
const LONGEST_LATE_MS = 5 * 60_000

/** The SDK's reasons (its `CancelReason`) that mean that nobody wants the proof any more, or that this process ends. */
const STOPPED = ['CANCELLED', 'WORKER_SHUTDOWN']

/**
 * Says when to stop making a proof: at once if it is cancelled or the worker stops. For every other reason the task has
 * merely been given up: this machine was silent for too long, so that another has it now (`NOT_FOUND` is the server's
 * word for it, `TIMED_OUT` that of this machine's own clock, which a suspended machine hears first), the workflow has
 * ended (`NOT_FOUND`), or somebody paused or reset the activity (`PAUSED`, `RESET`). Then as much time again is spent
 * on it as was so far, because the proof may still be the first to be there, and its upload is found. So no more than
 * as much work as was done is wasted. It isn't finished whatever it takes, because the SDK tells the first reason only:
 * a cancellation after it isn't heard.
 */
export function workSignal(): { signal: AbortSignal; release(): void } {
  const startedAt = Date.now()
  const cancelled = cancellationSignal()
  const work = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const stop = () => work.abort(cancelled.reason)
  const onCancelled = () => {
    if (isStopped(cancelled)) stop()
    else timer = setTimeout(stop, Math.min(Date.now() - startedAt, LONGEST_LATE_MS))
  }
  if (cancelled.aborted) stop()
  cancelled.addEventListener('abort', onCancelled, { once: true })
  const release = () => {
    clearTimeout(timer)
    cancelled.removeEventListener('abort', onCancelled)
  }
  return { signal: work.signal, release }
}

const isStopped = ({ reason }: AbortSignal): boolean => !(reason instanceof Error) || STOPPED.includes(reason.message)

/** Tells whether the activity is to stop because its process ends. */
export const isShutdown = (): boolean =>
  cancellationSignal().aborted && String(cancellationSignal().reason).includes('WORKER_SHUTDOWN')
