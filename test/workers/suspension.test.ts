import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nextStart, watchSuspension } from '../../workers/suspension.ts'

test.each([
  { what: 'a process that was stopped', wall: 35_250, monotonic: 35_250, late: [35_000] },
  { what: 'a machine that slept, whose monotonic clock stood still', wall: 35_250, monotonic: 250, late: [35_000] },
  { what: 'a wall clock that was set back meanwhile', wall: -3_600_000, monotonic: 35_250, late: [35_000] },
  { what: 'a tick that is as late as a busy machine has it', wall: 7_000, monotonic: 7_000, late: [] },
  { what: 'a tick in time', wall: 250, monotonic: 250, late: [] },
])('$what: late by $late', ({ wall, monotonic, late }) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const now = { wall: 1_000_000, monotonic: 5_000 }
  const heard: number[] = []
  const end = watchSuspension((ms) => heard.push(ms), { wall: () => now.wall, monotonic: () => now.monotonic })
  Object.assign(now, { wall: now.wall + wall, monotonic: now.monotonic + monotonic })
  vi.advanceTimersByTime(250)
  expect(heard).toEqual(late)
  Object.assign(now, { wall: now.wall + 250, monotonic: now.monotonic + 250 })
  vi.advanceTimersByTime(250)
  expect(heard).toEqual(late) // each suspension is told once
  end()
  Object.assign(now, { wall: now.wall + 60_000 })
  vi.advanceTimersByTime(1_000)
  expect(heard).toEqual(late)
})

test('a process starts itself anew three times within ten minutes, and then goes on as it is', () => {
  const minute = 60_000
  let starts: string | undefined
  const at = (ms: number) => {
    const next = nextStart(starts, ms)
    if (next.mayStart) starts = next.starts
    return next.mayStart
  }
  expect([at(1 * minute), at(2 * minute), at(3 * minute), at(4 * minute), at(10 * minute)]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect([at(11 * minute), at(11.5 * minute), at(12 * minute)]).toEqual([true, false, true])
})

test('a process that has started itself anew says so, however busy the one before it was', async () => {
  const script = new URL('suspended-process.ts', import.meta.url).pathname
  const { stderr } = await promisify(execFile)(process.execPath, [script])
  expect(stderr).toContain('suspended for 25 s: started anew')
})
