import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { SignalDefinition } from '@temporalio/common'
import type { Db } from '../../db/connection/connect.ts'
import { listRunningSequences, type SequenceRow } from '../../db/decisions/sequences.ts'
import { type holdsChangedSignal, type provingLostSignal, wakeSignal } from '../../protocol/temporal/messages.ts'

type WakingSignal = typeof wakeSignal | typeof holdsChangedSignal | typeof provingLostSignal

/** Sequences that one event may wake per rollup; the others' timers wake them. */
const MAX_WOKEN = 500

/** Signals on their way at a time: what else the aggregator asks of Temporal must not wait behind a wave of them. */
const MAX_IN_FLIGHT = 16

/** Until a signal is given up, ms: one that is never answered must not keep those behind it. */
const SIGNAL_MS = 10_000

/**
 * Lists the running sequences of a rollup that an event concerns, the most urgent first and not more than may be woken.
 */
export const listSequencesWhere = async (
  db: Db,
  rollup: string,
  isMeant: (row: SequenceRow) => boolean,
): Promise<SequenceRow[]> => (await listRunningSequences(db, rollup)).filter(isMeant).slice(0, MAX_WOKEN)

/**
 * Wakes workflows in the order in which they were added, a few at a time, and each once however often it was added
 * before its turn.
 */
export interface Waker {
  add(workflowIds: readonly string[], why: string): void
  /** Lists those that aren't told yet, in their order. */
  pending(): string[]
  /**
   * Resolves when all are told or this time is over, after which telling goes on. @param ms without it: until all are
   * told.
   */
  settle(ms?: number): Promise<void>
  /** Forgets those whose turn hasn't come. */
  stop(): void
}

/** @param onFailure hears of each signal that failed. The others go on: a lost signal costs time, never correctness. */
export function createWaker(
  temporal: Client,
  {
    onFailure,
    signal = wakeSignal,
  }: { onFailure: (workflowId: string, error: unknown) => void; signal?: WakingSignal },
): Waker {
  const waiting = new Map<string, string>()
  const inFlight = new Set<string>()
  const idle = new Set<() => void>()
  return {
    add(workflowIds, why) {
      for (const id of workflowIds) if (!waiting.has(id)) waiting.set(id, why)
      sendNext()
    },
    pending: () => [...new Set([...inFlight, ...waiting.keys()])],
    settle: (ms) => new Promise((resolve) => settle(resolve, ms)),
    stop: () => waiting.clear(),
  }

  function sendNext(): void {
    for (const [id, why] of waiting) {
      if (inFlight.size >= MAX_IN_FLIGHT) return
      if (inFlight.has(id)) continue // it is told again when this is over
      waiting.delete(id)
      inFlight.add(id)
      void send(id, why)
    }
    if (inFlight.size === 0) for (const resolve of idle) resolve()
  }

  async function send(id: string, why: string): Promise<void> {
    await tell(temporal, id, signal, { why }).catch((error: unknown) => onFailure(id, error))
    inFlight.delete(id)
    sendNext()
  }

  function settle(resolve: () => void, ms: number | undefined): void {
    const timer = ms === undefined ? undefined : setTimeout(end, ms)
    idle.add(end)
    if (inFlight.size === 0) end()

    function end(): void {
      clearTimeout(timer)
      idle.delete(end)
      resolve()
    }
  }
}

/**
 * Has workflows look again. One that doesn't run needs no waking.
 * @throws what the first signal failed with, after all others were sent.
 */
export async function wake(
  temporal: Client,
  workflowIds: readonly string[],
  why: string,
  signal: WakingSignal = wakeSignal,
): Promise<void> {
  const failures: unknown[] = []
  const waker = createWaker(temporal, { signal, onFailure: (_, error) => failures.push(error) })
  waker.add(workflowIds, why)
  await waker.settle()
  if (failures.length > 0) throw failures[0]
}

/** Tells a workflow something that it can do without if it doesn't run. */
export async function tell<T>(
  temporal: Client,
  workflowId: string,
  signal: SignalDefinition<[T]>,
  what: T,
): Promise<void> {
  try {
    await temporal.withDeadline(Date.now() + SIGNAL_MS, () =>
      temporal.workflow.getHandle(workflowId).signal(signal, what),
    )
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
