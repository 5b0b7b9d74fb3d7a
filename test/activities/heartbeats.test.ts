import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SubmissionDeps } from '../../activities/context.ts'
import type { SenderDeps } from '../../activities/sender/sender-account.ts'
import { createTrustedActivities } from '../../activities/trusted-activities.ts'
import { activityEnvironment } from './support.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Gives itself, whatever is asked of it, and whoever awaits it waits for ever. */
const silence: unknown = new Proxy(() => {}, {
  get: (_, name) => (name === 'then' ? () => {} : name === Symbol.toPrimitive ? () => 'nothing' : silence),
  apply: () => silence,
})

// The watcher is left out, because it beats with each block.
const { watchChain: _, ...activities } = createTrustedActivities(silence as SubmissionDeps & SenderDeps)

const RANGE = { rollup: 'payments', from: 1, to: 1, accInputHash: '0x' }
const PARAMETER = {
  sequence: RANGE,
  request: { sequence: RANGE, range: RANGE },
  task: RANGE,
  range: RANGE,
  queue: [],
  sequences: [RANGE],
  setting: {},
  account: '0x',
  reason: 'a test',
  failures: [],
  ...{ accept: [], open: [{ sequence: RANGE, range: RANGE, stage: 'batch', children: [] }], next: [] },
}

test.each(Object.entries(activities))('%s beats while nobody answers it', async (_, activity) => {
  const env = activityEnvironment()
  const beats: unknown[] = []
  env.on('heartbeat', (beat: unknown) => beats.push(beat))
  env.run(activity as (p: object) => Promise<unknown>, PARAMETER).catch(() => {})
  await vi.advanceTimersByTimeAsync(8_000)
  expect(beats).toHaveLength(4)
})
