import { cancellationSignal } from '@temporalio/activity'

/** Longest time that work goes on after the server stopped to wait for it, ms. */
const LONGEST_LATE_MS = 5 * 60_000

/**
 * When to stop making a proof: at once if it is cancelled or the worker stops. If the server has merely given the task up (this machine was silent for
 * too long, so that another has it now, or the workflow has ended), as much time again is spent on it as was so far, because the proof may still be
 * the first to be there, and its upload is found. So no more than as much work as was done is wasted.
 */
export function workSignal(): { signal: AbortSignal; release(): void } {
  const startedAt = Date.now()
  const cancelled = cancellationSignal()
  const work = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const stop = () => work.abort(cancelled.reason)
  const onCancelled = () => {
    if (isGivenUp(cancelled)) timer = setTimeout(stop, Math.min(Date.now() - startedAt, LONGEST_LATE_MS))
    else stop()
  }
  if (cancelled.aborted) stop()
  cancelled.addEventListener('abort', onCancelled, { once: true })
  const release = () => {
    clearTimeout(timer)
    cancelled.removeEventListener('abort', onCancelled)
  }
  return { signal: work.signal, release }
}

const isGivenUp = ({ reason }: AbortSignal): boolean => reason instanceof Error && reason.message === 'NOT_FOUND'
