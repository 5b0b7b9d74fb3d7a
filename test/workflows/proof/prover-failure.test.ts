import { ActivityFailure, ApplicationFailure, TimeoutFailure, type TimeoutType } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { attemptLog } from '../../../workflows/proof/attempt-log.ts'
import { failedAttempt, wasNeverBegun } from '../../../workflows/proof/prover-failure.ts'

const BEAT = { prover: 'machine-1', phase: 'proving\u001b[2J' }

describe('an attempt', () => {
  test('whose beats ended fell silent', () => {
    expect(failedAttempt(timedOut('HEARTBEAT', BEAT))).toEqual({
      ...{ kind: 'silent', prover: 'machine-1', why: 'it fell silent at: proving [2J' },
    })
  })

  test('that beat until its time was over took too long, and is blamed for it', () => {
    const failed = failedAttempt(timedOut('START_TO_CLOSE', BEAT))
    expect(failed).toEqual({
      kind: 'overdue',
      prover: 'machine-1',
      why: 'it took longer than a proof may, and was at: proving [2J',
    })
    const log = attemptLog()
    log.note(failed, '2026-01-01T00:00:00.000Z')
    expect({ failedOn: log.failedOn(), mayLackMemory: log.mayLackMemory() }).toEqual({
      failedOn: ['machine-1'],
      mayLackMemory: false,
    })
  })

  test.each([null, undefined, 'late', 7, [], { prover: 7, phase: {} }])(
    'whose last beat was %j fell silent as somebody',
    (beat) => {
      expect(failedAttempt(timedOut('HEARTBEAT', beat))).toMatchObject({
        kind: 'silent',
        why: 'it fell silent at: (unknown)',
      })
    },
  )

  test('that failed says how, in the words of its prover', () => {
    const failed = failedAttempt(failure(ApplicationFailure.create({ type: 'NoirError', message: 'not\nsatisfied' })))
    expect(failed).toEqual({ kind: 'NoirError', prover: 'machine-1', why: 'not satisfied' })
  })

  test('that nobody took in time was never begun', () => {
    expect(wasNeverBegun(timedOut('SCHEDULE_TO_START', null))).toBe(true)
    expect(wasNeverBegun(timedOut('START_TO_CLOSE', null))).toBe(false)
  })
})

const failure = (cause: Error) =>
  new ActivityFailure('it failed', 'prove', 'batch 1', 'MAXIMUM_ATTEMPTS_REACHED', 'machine-1', cause)

/** Makes a time-out as the server tells it, which names no worker. */
const timedOut = (type: TimeoutType, beat: unknown) =>
  new ActivityFailure('it failed', 'prove', 'batch 1', 'TIMEOUT', '', new TimeoutFailure('time-out', beat, type))
