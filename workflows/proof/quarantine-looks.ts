import * as wf from '@temporalio/workflow'
import { pause } from '../waiting.ts'

/**
 * Times after which, doubled each time, a quarantine is looked at again, in case the signal of its lifting was lost. It
 * may last for weeks.
 */
const LOOK_MS = { first: 60_000, longest: 600_000 }

/** A quarantined task that waits to be looked at again. */
interface Quarantined {
  /** How often it has been found quarantined before, without a break. */
  looks: number
  isLifted(): boolean
  summary: string
}

/** When the quarantined tasks of a run are looked at again. */
export interface QuarantineLooks {
  /** Waits until the task is lifted, as far as is known, or until it is time to look. */
  untilDue(task: Quarantined): Promise<void>
}

/**
 * Has all quarantined tasks of a run looked at together. A timer for each, and a turn at the stores, took ten events:
 * forty tasks filled a history within a day.
 */
export function quarantineLooks(): QuarantineLooks {
  /** Until when each waits, ms of the clock. */
  const waiting = new Map<Quarantined, number>()
  let rounds = 0
  let isTimed = false
  return {
    async untilDue(task) {
      // Older runs looked at each by itself.
      if (!wf.patched('quarantines-looked-at-together')) return pause(task.isLifted, waitMs(task), task.summary)
      const { isLifted, summary } = task
      const seen = rounds
      waiting.set(task, Date.now() + waitMs(task))
      timeRound(summary).catch(() => {}) // the run ends
      await wf.condition(() => isLifted() || rounds > seen).finally(() => waiting.delete(task))
    },
  }

  /** Counts a round when it is time for the first of those that wait. The others look with it. */
  async function timeRound(summary: string): Promise<void> {
    if (isTimed) return
    isTimed = true
    const seen = rounds
    while (waiting.size > 0 && rounds === seen) {
      const due = soonest()
      const isOff = () => waiting.size === 0 || soonest() < due
      await pause(isOff, due - Date.now(), summary)
      if (!isOff()) rounds += 1
    }
    isTimed = false
  }

  function soonest(): number {
    return Math.min(...waiting.values())
  }
}

const waitMs = ({ looks }: Quarantined): number => Math.min(LOOK_MS.first * 2 ** looks, LOOK_MS.longest)
