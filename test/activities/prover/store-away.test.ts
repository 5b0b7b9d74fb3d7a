import { describe, expect, test, vi } from 'vitest'
import {
  DatabaseAccessError,
  DatabaseBusyError,
  DatabaseTablesMissingError,
  DatabaseUnreachableError,
} from '../../../db/errors.ts'
import { putBlob } from '../../../db/proofs/blobs.ts'
import { listOpenUploads } from '../../../db/proofs/uploads.ts'
import { bytesOf } from '../../db/fixtures.ts'
import { SOON } from '../../support/patience.ts'
import { activityEnvironment } from '../support.ts'
import { db, made, run, task } from './prover-scene.ts'

const FAILURES = [DatabaseUnreachableError, DatabaseTablesMissingError, DatabaseAccessError].map((Failure) => ({
  Failure,
  name: Failure.name,
}))

describe('a prover', () => {
  test.each([DatabaseUnreachableError, DatabaseBusyError, DatabaseAccessError, DatabaseTablesMissingError])(
    'waits for a store that can give it no work yet: $name',
    async (Failure) => {
      const { store, asked } = refusing(new Failure({ doing: 'a test', driverCode: 'a code', said: 'no' }), 1)
      const wanted = task(30, { input: await putBlob(db, bytesOf('input')) })
      await run(wanted, async () => made('proof 30'), { store })
      expect(asked()).toBe(2)
    },
  )

  test('hands the task back when the store stays away', async () => {
    const { store } = refusing(new DatabaseBusyError({ doing: 'a test', driverCode: 'a code', said: 'no' }), 99)
    const wanted = task(31, { input: await putBlob(db, bytesOf('input')) })
    await expect(run(wanted, async () => made('proof 31'), { store })).rejects.toMatchObject({
      name: 'DatabaseBusyError',
    })
  })

  test.each(['CANCELLED', 'NOT_FOUND', 'WORKER_SHUTDOWN'] as const)(
    'keeps its proof when it is cancelled (%s) while the store is away',
    async (why) => {
      const env = activityEnvironment()
      const wanted = task(40 + why.length)
      const { store, tries } = storeAway(2, () => env.cancel(why))
      await run(wanted, async () => made(`proof ${wanted.from}`), { store, env })
      expect(tries()).toBe(3)
      expect(await listOpenUploads(db, wanted.id)).toHaveLength(1)
    },
  )

  test.each([
    { why: 'CANCELLED', keptMs: 300_000, says: { name: 'DatabaseUnreachableError' } },
    { why: 'WORKER_SHUTDOWN', keptMs: 25_000, says: { type: 'ProverShutdownError' } },
  ] as const)(
    'gives its proof up $keptMs ms after it was cancelled ($why) if the store stays away',
    async ({ why, keptMs, says }) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      try {
        const env = activityEnvironment()
        const { store, tries } = storeAway(99, () => env.cancel(why))
        const given = run(task(60), async () => made('proof 60'), { store, env })
        const failed = expect(given).rejects.toMatchObject(says)
        await vi.waitUntil(() => tries() === 1, SOON)
        vi.advanceTimersByTime(keptMs - 1)
        await vi.waitUntil(() => tries() === 2, SOON)
        vi.advanceTimersByTime(1)
        await failed
      } finally {
        vi.useRealTimers()
      }
    },
  )

  test.each(FAILURES)('keeps its proof until the store takes it: $name', async ({ Failure, name }) => {
    let isAway = true
    const proofs: string[] = []
    const flaky: typeof db = Object.assign(Object.create(db), {
      execute: (...call: Parameters<typeof db.execute>) => {
        if (!isAway) return db.execute(...call)
        isAway = false
        return Promise.reject(new Failure({ doing: 'a test', driverCode: 'a code', said: 'no' }))
      },
    })
    const wanted = task(20 + FAILURES.findIndex((one) => one.name === name))
    await run(
      wanted,
      async () => {
        proofs.push('made')
        return made(`proof ${wanted.from}`)
      },
      { store: flaky },
    )
    expect(proofs).toEqual(['made'])
    expect(await listOpenUploads(db, wanted.id)).toHaveLength(1)
  })
})

/** Makes a store of which the first reads fail. */
function refusing(error: Error, times: number): { store: typeof db; asked: () => number } {
  let asked = 0
  const select = (...call: Parameters<typeof db.select>) => {
    asked += 1
    if (asked <= times) throw error
    return db.select(...call)
  }
  return { store: Object.assign(Object.create(db), { select }), asked: () => asked }
}

/** Makes a store to which the first uploads fail. @param onFirst happens while the first one does. */
function storeAway(times: number, onFirst: () => void): { store: typeof db; tries: () => number } {
  let tries = 0
  const execute = (...call: Parameters<typeof db.execute>) => {
    tries += 1
    if (tries > times) return db.execute(...call)
    if (tries === 1) onFirst()
    return Promise.reject(new DatabaseUnreachableError({ doing: 'a test', driverCode: 'a code', said: 'no' }))
  }
  return { store: Object.assign(Object.create(db), { execute }), tries: () => tries }
}
