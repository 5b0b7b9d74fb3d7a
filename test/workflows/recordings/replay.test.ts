import { readFile } from 'node:fs/promises'
import { Worker, type WorkflowBundle } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { beforeAll, expect, test } from 'vitest'
import { bundleWorkflows, installQuietRuntime } from '../harness.ts'
import { historyFile, RECORDINGS } from './record-histories.ts'

let workflowBundle: WorkflowBundle

beforeAll(async () => {
  installQuietRuntime()
  workflowBundle = await bundleWorkflows()
})

const NAMES = Object.keys(RECORDINGS)

test.each(NAMES)('what ran before this change runs on after it: %s', async (name) => {
  await replay(await readHistory(name))
})

test('a workflow that does something else is noticed', async () => {
  const history = await readHistory('sequence-1-batch')
  // It looks as if the code had asked for another activity.
  const renamed = history.replaceAll('"prepareSequence"', '"findProvedSpans"')
  expect(renamed).not.toBe(history)
  await expect(replay(renamed)).rejects.toThrow(DeterminismViolationError)
})

test.each(NAMES)('no recorded history names a machine: %s', async (name) => {
  expect(await readHistory(name)).not.toMatch(/\d+@|\/work\/|\/home\/|\/Users\//)
})

test.each(NAMES)('every activity is given up when its machine falls silent: %s', async (name) => {
  const history: History = JSON.parse(await readHistory(name))
  const scheduled = history.events.flatMap(({ activityTaskScheduledEventAttributes: activity }) => activity ?? [])
  expect(scheduled).not.toEqual([])
  for (const { heartbeatTimeout } of scheduled) expect(Number.parseInt(heartbeatTimeout ?? '0', 10)).oneOf([10, 30])
})

interface History {
  events: { activityTaskScheduledEventAttributes?: { heartbeatTimeout?: string } }[]
}

const readHistory = (name: string): Promise<string> => readFile(historyFile(name), 'utf8')

const replay = (history: string): Promise<void> => Worker.runReplayHistory({ workflowBundle }, JSON.parse(history))
