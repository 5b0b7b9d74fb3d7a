import type { Client } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/common'
import type { WorkerOptions } from '@temporalio/worker'
import { type EndedRun, type LostRun, listEnded, listStuck, MAX_LOST, toEnded, withReasons } from './lost-workflows.ts'
import { createOthersWaker } from './wake-others.ts'

/**
 * A run whose history its code can't replay fails at once: both stay as they are, so that no restart would cure it.
 * What else is thrown in a workflow is tried again by the server, and ended by the healer when that doesn't help.
 */
export const FAILING_ERRORS = { '*': ['NondeterminismError'] } satisfies WorkerOptions['workflowFailureErrorTypes']

/**
 * A workflow's task has failed so often in a row when it is ended, which is seconds after the server has noted it as a
 * problem.
 */
const MAX_TASK_ATTEMPTS = 6

/**
 * A workflow that is ended as often as it is started gets no help more often than this, ms: its provers must come to
 * something in between.
 */
const ENDED_ONCE_IN_MS = 10 * 60_000

/** So long before a look ended what it may not have been shown yet, ms: lists are behind. */
const LIST_DELAY_MS = 60_000

/** How long what a look asks of the server may take, ms, for each of its parts. */
const MOST_MS = 5_000

/** Looks for workflows that can't go on, and for those that have failed. */
export interface Healer {
  /**
   * Ends what is stuck, and tells of what has failed or was ended since the last look. Each part of a look is tried
   * whatever becomes of the others, and what it didn't come to is left to the next.
   * @throws the first failure, after all of it.
   */
  look(): Promise<void>
  /**
   * Waits until all are told, or for a while.
   * @throws what that failed with; whom it missed is told by the next look.
   */
  settle(): Promise<void>
  stop(): void
}

interface HealerOptions {
  /** Starts those of the lost workflows that must always run. */
  startAgain(): Promise<void>
  /** Hears of each run once, whatever becomes of who is woken. */
  onLost(run: LostRun): void
  /** See {@link ENDED_ONCE_IN_MS}. */
  endedOnceInMs?: number
}

/** A run that was lost lately. */
interface Known extends EndedRun {
  /** It runs again if it must always run. */
  isStarted: boolean
  /** The others have been told, or are being told. */
  isTold: boolean
  isLogged: boolean
}

export function createHealer(
  temporal: Client,
  { startAgain, onLost, endedOnceInMs = ENDED_ONCE_IN_MS }: HealerOptions,
): Healer {
  const endedAt = new Map<string, number>()
  const known = new Map<string, Known>()
  const others = createOthersWaker(temporal)
  let since = Date.now()
  return {
    look: () => doAll([endStuck, noticeLost, startLost, wakeOthers, log].map(within)),
    settle: others.settle,
    stop: others.stop,
  }

  function within(part: () => Promise<void>): () => Promise<void> {
    return () => temporal.withDeadline(Date.now() + MOST_MS, part)
  }

  /**
   * Ends workflows whose code throws. It would do so for ever, or until another version is deployed; a new run reads
   * everything anew, and mostly gets past it.
   */
  async function endStuck(): Promise<void> {
    for (const stuck of await listStuck(temporal)) {
      const { workflowId, runId } = stuck
      if (Date.now() - (endedAt.get(workflowId) ?? Number.NEGATIVE_INFINITY) < endedOnceInMs) continue
      const handle = temporal.workflow.getHandle(workflowId, runId)
      const { raw } = await handle.describe() // the list is behind
      const attempts = raw.pendingWorkflowTask?.attempt ?? 0
      if (attempts < MAX_TASK_ATTEMPTS) continue
      const ending = handle.terminate(`its task failed ${attempts} times in a row`)
      await ending.then(() => note(toEnded(stuck)), ignoreMissing)
      endedAt.set(workflowId, Date.now())
    }
  }

  /** Notes what the server's list shows, and forgets what it will show no more. */
  async function noticeLost(): Promise<void> {
    const [from, until] = [since - LIST_DELAY_MS, Date.now()]
    for (const run of await listEnded(temporal, from)) note(run)
    since = until
    for (const { runId, at, isStarted, isTold, isLogged } of known.values())
      if (isStarted && isTold && isLogged && Date.parse(at) <= from) known.delete(runId)
  }

  function note(run: EndedRun): void {
    if (!known.has(run.runId)) known.set(run.runId, { ...run, isStarted: false, isTold: false, isLogged: false })
  }

  async function startLost(): Promise<void> {
    const unstarted = [...known.values()].filter(({ isStarted }) => !isStarted)
    if (unstarted.length > 0) await startAgain()
    for (const run of unstarted) run.isStarted = true
  }

  async function wakeOthers(): Promise<void> {
    const untold = [...known.values()].filter(({ isTold }) => !isTold)
    await others.wake(untold)
    for (const run of untold) run.isTold = true
  }

  async function log(): Promise<void> {
    const unlogged = [...known.values()].filter(({ isLogged }) => !isLogged).slice(0, MAX_LOST)
    for (const lost of await withReasons(temporal, unlogged)) onLost(lost)
    for (const run of unlogged) run.isLogged = true
  }
}

/** Does one after the other, whatever becomes of those before. @throws the first failure, after the last. */
export async function doAll(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const part of parts) await part().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** Ignores that it has ended in this moment, or isn't there. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error
}
