import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import { createProverLogin } from '../../../db/deployment/roles.ts'
import { putBlob } from '../../../db/proofs/blobs.ts'
import { listOpenUploads, readUpload, UPLOAD_BYTES_LIMIT } from '../../../db/proofs/uploads.ts'
import { FatalError } from '../../../protocol/base/errors.ts'
import type { ProofJob, Prover } from '../../../protocol/proof/prover.ts'
import {
  ProverDiskFullError,
  ProverMachineError,
  ProverOutOfMemoryError,
} from '../../../protocol/proof/prover-errors.ts'
import type { ProofTask } from '../../../protocol/proof/task.ts'
import { bytesOf, hash, openAs } from '../../db/fixtures.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { activityEnvironment } from '../support.ts'
import { db, made, run, task, url } from './prover-scene.ts'

/** What the SDK says of a task that was taken from a machine without being cancelled. */
const GIVEN_UP = ['NOT_FOUND', 'TIMED_OUT', 'PAUSED', 'RESET'] as const

describe('a prover', () => {
  test('reads input and children, uploads the bytes and reports references', async () => {
    const jobs: ProofJob[] = []
    const [input, left, right] = [
      await putBlob(db, bytesOf('input')),
      await putBlob(db, bytesOf('left')),
      await putBlob(db, bytesOf('right')),
    ]
    const wanted = task(1, { input, children: [left, right] })
    const upload = await run(wanted, async (job) => {
      jobs.push(job)
      return made('proof 1')
    })
    expect(jobs).toEqual([{ stage: 'batch', input: bytesOf('input'), children: [bytesOf('left'), bytesOf('right')] }])
    expect(upload).toEqual({ sha256: upload.sha256, size: 7, prover: 'p1', durationMs: 5, peakMemoryBytes: 6 })
    expect(await readUpload(db, { taskId: wanted.id, sha256: upload.sha256 })).toEqual(bytesOf('proof 1'))
    expect(await listOpenUploads(db, wanted.id)).toMatchObject([upload])
  })

  test('beats with its progress', async () => {
    const beats: unknown[] = []
    await run(
      task(2),
      async (_, { onProgress }) => {
        onProgress({ phase: 'witness' })
        onProgress({ phase: 'proving', fraction: 0.5 })
        return made('proof 2')
      },
      { onBeat: (beat) => beats.push(beat) },
    )
    const common = { attempt: 1, elapsedMs: expect.any(Number), prover: 'p1' }
    expect(beats).toEqual([
      { phase: 'witness', ...common },
      { phase: 'proving', fraction: 0.5, ...common },
    ])
  })

  test('beats while its backend is silent', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const beats: unknown[] = []
      const silent = async () => {
        vi.advanceTimersByTime(6_500)
        return made('proof 3')
      }
      await run(task(3), silent, { onBeat: (beat) => beats.push(beat) })
      expect(beats).toHaveLength(3) // a beat comes every 2 s
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('ends its backend when it is cancelled', async () => {
    const { error, aborted } = await cancelled(task(4), 'CANCELLED')
    expect(aborted).toBe(true)
    expect(error).toBeInstanceOf(CancelledFailure)
  })

  test.each(GIVEN_UP)('whose task was given up meanwhile (%s) uploads what it has made', async (why) => {
    const env = activityEnvironment()
    const wanted = task(100 + GIVEN_UP.indexOf(why))
    const late: Prover['prove'] = async (_, { signal }) => {
      env.cancel(why)
      expect(signal.aborted).toBe(false)
      return made(`proof ${wanted.from}`)
    }
    await run(wanted, late, { env })
    expect(await listOpenUploads(db, wanted.id)).toHaveLength(1)
  })

  test.each(GIVEN_UP)('whose task was given up (%s) stops after as long again', async (why) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const env = activityEnvironment()
      const seen: boolean[] = []
      const endless: Prover['prove'] = (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          vi.advanceTimersByTime(60_000)
          env.cancel(why)
          vi.advanceTimersByTime(59_000)
          seen.push(signal.aborted)
          vi.advanceTimersByTime(1_000)
          seen.push(signal.aborted)
        })
      await expect(run(task(11), endless, { env })).rejects.toBeInstanceOf(CancelledFailure)
      expect(seen).toEqual([false, true])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('that is stopped says so, and nobody is blamed', async () => {
    const { error, aborted } = await cancelled(task(5), 'WORKER_SHUTDOWN')
    expect(aborted).toBe(true)
    expect(error).toBeInstanceOf(ApplicationFailure)
    expect(error).toMatchObject({ type: 'ProverShutdownError', nonRetryable: false })
  })

  test('with other keys refuses for good', async () => {
    const stranger = task(6, { verificationKeyHash: hash(404) })
    await expect(run(stranger, async () => made('never'))).rejects.toMatchObject({
      name: 'KeyMismatchError',
      code: 'ZKPOW-PROVER-KEY-MISMATCH',
    })
    await expect(run(task(6, { kind: 'unknown' }), async () => made('never'))).rejects.toMatchObject({
      name: 'KeyMismatchError',
    })
  })

  test('whose proof was refused hands the task back after a while', async () => {
    const beats: unknown[] = []
    const again = run(task(7, { excludedProvers: ['p1'] }), async () => made('never'), {
      onBeat: (beat) => beats.push(beat),
    })
    await vi.waitUntil(() => beats.length > 0, SOON)
    expect(beats).toMatchObject([{ phase: 'handing the task back' }])
    await expect(again).rejects.toMatchObject({ type: 'ProverExcludedError', nonRetryable: false })
  })

  test.each([
    new ProverDiskFullError({ stage: 'batch', folder: '/scratch' }),
    new ProverMachineError({ stage: 'batch', what: 'spawn bb ENOENT' }),
  ])('whose machine is unfit hands the task back after a while: $name', async (full) => {
    const beats: unknown[] = []
    const failed = run(task(9), () => Promise.reject(full), { onBeat: (beat) => beats.push(beat) })
    await vi.waitUntil(() => beats.length > 0, SOON)
    expect(beats).toMatchObject([{ phase: 'handing the task back' }])
    await expect(failed).rejects.toBe(full)
  })

  test('whose proof is larger than an upload may be says so at once', async () => {
    const login = { name: uniqueName('prover'), password: 'prover' }
    await createProverLogin(db, login)
    const wanted = task(13)
    const ofSize = async (size: number) => ({ ...made(''), proof: new Uint8Array(size) })
    const store = openAs(url, login)
    const failed = run(wanted, () => ofSize(UPLOAD_BYTES_LIMIT + 1), { store })
    await expect(failed).rejects.toMatchObject({ name: 'ProofTooLargeError', code: 'ZKPOW-PROVER-PROOF-TOO-LARGE' })
    await expect(failed).rejects.toBeInstanceOf(FatalError) // a second try would take as long to fail
    await expect(failed).rejects.toThrow(
      'The batch proof that prover p1 made has 4194305 bytes; an upload may have 4194304.',
    )
    await run(wanted, () => ofSize(UPLOAD_BYTES_LIMIT), { store })
    expect(await listOpenUploads(db, wanted.id)).toMatchObject([{ size: UPLOAD_BYTES_LIMIT }])
  })

  test('that is stopped by what also took its memory says so', async () => {
    const env = activityEnvironment()
    const noMemory = new ProverOutOfMemoryError({ stage: 'batch', how: 'was ended by SIGKILL' })
    const killed = async () => {
      env.cancel('WORKER_SHUTDOWN')
      throw noMemory
    }
    await expect(run(task(12), killed, { env })).rejects.toBe(noMemory)
  })
})

/** Cancels a backend that goes on until it is told to stop, as a child process does. */
async function cancelled(
  wanted: ProofTask,
  why: 'CANCELLED' | 'WORKER_SHUTDOWN',
): Promise<{ error: unknown; aborted: boolean }> {
  const env = activityEnvironment()
  let aborted = false
  const prove: Prover['prove'] = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true
        reject(signal.reason)
      })
      env.cancel(why)
    })
  const error: unknown = await run(wanted, prove, { env }).catch((failure: unknown) => failure)
  return { error, aborted }
}
