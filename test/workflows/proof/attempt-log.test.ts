import { describe, expect, test } from 'vitest'
import { attemptLog } from '../../../workflows/proof/attempt-log.ts'

const AT = '2026-01-01T00:00:00.000Z'

describe('a log of attempts', () => {
  test('has an operator look after five failures, with who failed how', () => {
    const log = attemptLog()
    const verdicts = ['p1', 'p2', 'p1', 'p1', 'p2'].map((prover) => log.note(failure(prover), AT))
    expect(verdicts).toEqual([null, null, null, null, 'it is unprovable'])
    expect(log.evidence()).toEqual([
      { prover: 'p1', why: 'it is unprovable', times: 3, at: AT },
      { prover: 'p2', why: 'it is unprovable', times: 2, at: AT },
    ])
  })

  test('counts anew after that', () => {
    const log = attemptLog()
    for (let n = 0; n < 5; n++) log.note(failure('p1'), AT)
    log.clear()
    expect(log.note(failure('p1'), AT)).toBeNull()
    expect(log.evidence()).toMatchObject([{ times: 1 }])
  })

  test('keeps those that failed it from the task, until nobody else has taken it for a while', () => {
    const log = attemptLog()
    expect(log.othersFirst()).toBe(false)
    log.note(failure('p1'), AT)
    expect(log.failedOn()).toEqual(['p1'])
    expect(handBacksWhileOthersFirst(log)).toBe(6)
    log.note(failure('p1'), AT)
    expect(handBacksWhileOthersFirst(log)).toBe(12)
  })

  test('ends within the hour where one machine fails and all others are busy', () => {
    const log = attemptLog()
    let handBacks = 0
    for (let failures = 1; failures < 5; failures++) {
      expect(log.note(failure('p1'), AT)).toBeNull()
      handBacks += handBacksWhileOthersFirst(log)
    }
    expect(log.note(failure('p1'), AT)).toBe('it is unprovable')
    expect(handBacks).toBe(90) // each takes half a minute
  })

  test.each([
    { areKnown: true, handBacks: 120, why: 'an hour long if others are known' },
    { areKnown: false, handBacks: 10, why: 'five minutes if there are only those that may not make it' },
  ])('lets a task be handed back $why', ({ areKnown, handBacks }) => {
    const log = attemptLog()
    log.note({ ...failure('p1'), kind: 'refused' }, AT)
    log.onOthers(areKnown)
    const verdicts = Array.from({ length: handBacks }, () => log.note(excluded('p1'), AT))
    expect(verdicts.slice(0, -1).every((verdict) => verdict === null)).toBe(true)
    expect(verdicts.at(-1)).toBe('no other prover takes it: not by me')
  })

  test('puts a task behind all others after an excluded prover drew it, until it was passed over or somebody else answered', () => {
    const log = attemptLog()
    expect(log.comesLast()).toBe(false)
    log.note(failure('p1'), AT)
    expect(log.comesLast()).toBe(false)
    log.note(excluded('p1'), AT)
    expect(log.comesLast()).toBe(true)
    log.passOver()
    expect(log.comesLast()).toBe(false)
    log.note(excluded('p1'), AT)
    log.note({ ...failure('p2'), kind: 'ProverShutdownError' }, AT)
    expect(log.comesLast()).toBe(false)
  })

  test('takes two minutes of being passed over for four hand-backs', () => {
    const log = attemptLog()
    log.note(failure('p1'), AT)
    log.note(excluded('p1'), AT)
    log.passOver()
    expect(log.othersFirst()).toBe(true)
    log.note(excluded('p1'), AT)
    expect(log.othersFirst()).toBe(false)
  })

  test('leaves a task in its place where only excluded provers are known: an operator is to look soon', () => {
    const log = attemptLog()
    log.note(failure('p1'), AT)
    log.onOthers(false)
    log.note(excluded('p1'), AT)
    expect(log.comesLast()).toBe(false)
  })

  test('asks for more memory after three silences in a row, and for an operator after ten', () => {
    const log = attemptLog()
    const verdicts = Array.from({ length: 9 }, () => {
      log.note({ ...failure('p1'), kind: 'ProverShutdownError' }, AT)
      return [log.note(silence('p1'), AT), log.mayLackMemory()]
    })
    expect(verdicts).toEqual([...Array(2).fill([null, false]), ...Array(7).fill([null, true])])
    expect(log.trouble()).toBe('fell silent 9 times in a row, last on p1')
    expect(log.note(silence('p1'), AT)).toBe('it fell silent 10 times in a row: it fell silent at: proof')
    expect(log.evidence()).toContainEqual({ prover: 'p1', why: 'it fell silent at: proof', times: 10, at: AT })
    expect(log.failures()).toBe(0)
  })

  test('counts silences anew when a prover has answered', () => {
    const log = attemptLog()
    for (let n = 0; n < 9; n++) log.note(silence('p1'), AT)
    log.note(failure('p2'), AT)
    expect(log.mayLackMemory()).toBe(false)
    expect(log.note(silence('p1'), AT)).toBeNull()
  })

  test.each([
    ...['ProverShutdownError', 'DatabaseAccessError', 'ProverMachineError', 'ProverDiskFullError'],
    ...['ActivityPause', 'ActivityReset'],
  ])('blames nobody for %s', (kind) => {
    const log = attemptLog()
    for (let n = 0; n < 20; n++) expect(log.note({ ...failure('p1'), kind }, AT)).toBeNull()
    expect(log.failures()).toBe(0)
  })
})

const failure = (prover: string) => ({ kind: 'NoirError', prover, why: 'it is unprovable' })
const silence = (prover: string) => ({ kind: 'silent', prover, why: 'it fell silent at: proof' })
const excluded = (prover: string) => ({ kind: 'ProverExcludedError', prover, why: 'not by me' })

function handBacksWhileOthersFirst(log: ReturnType<typeof attemptLog>): number {
  for (let n = 0; ; n++) {
    if (!log.othersFirst()) return n
    expect(log.note(excluded('p1'), AT)).toBeNull()
  }
}
