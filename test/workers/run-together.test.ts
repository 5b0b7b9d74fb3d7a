import { expect, test } from 'vitest'
import { runTogether } from '../../workers/run-together.ts'

test('when one worker ends the others are stopped, and what it failed with is told', async () => {
  const [failing, healthy] = [fakeWorker(new Error('the connection is lost')), fakeWorker()]
  await expect(runTogether([healthy, failing])).rejects.toThrow('the connection is lost')
  expect(healthy.getState()).toBe('STOPPED')
})

test('workers that are stopped end together', async () => {
  const workers = [fakeWorker(), fakeWorker()]
  const ended = runTogether(workers)
  workers[0]?.shutdown()
  await ended
  expect(workers.map((worker) => worker.getState())).toEqual(['STOPPED', 'STOPPED'])
})

/** Makes a worker that runs until it is stopped, or fails at once. */
function fakeWorker(failure?: Error) {
  const stopped = Promise.withResolvers<void>()
  let state: 'RUNNING' | 'STOPPED' = 'RUNNING'
  return {
    getState: () => state,
    shutdown() {
      state = 'STOPPED'
      stopped.resolve()
    },
    async run() {
      if (failure !== undefined) throw failure
      await stopped.promise
    },
  }
}
