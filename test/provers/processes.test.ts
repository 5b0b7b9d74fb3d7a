import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ProverProcessError } from '../../provers/noir/errors.ts'
import { createNoirProver, type NoirProverOptions } from '../../provers/noir/prover.ts'
import { artifactsWithFakeBb } from './support/built-artifacts.ts'
import { batchJob } from './support/tiny-jobs.ts'

const GRACE_MS = 200
/** What the shell that stands in for bb sets by itself. */
const SHELL_VARIABLES = ['OLDPWD', 'PWD', 'SHLVL', '_']

const folders: string[] = []
/** Stand-ins for bb that a failing test could leave behind. */
const started: number[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('cancelling', () => {
  test('ends a prover that ignores SIGTERM, before it throws the reason', async () => {
    const { artifactsDir, scratchDir, prover } = await withFakeBb('bb-hangs.sh')
    const cancelled = new AbortController()
    const reason = new Error('the sequence was reorganised')
    const proving = prover.prove(batchJob(0), { signal: cancelled.signal, onProgress: () => undefined })
    const pid = await bbPid(artifactsDir)
    cancelled.abort(reason)
    await expect(proving).rejects.toBe(reason)
    expect(isAlive(pid)).toBe(false)
    expect(await readdir(scratchDir)).toEqual([])
  })

  test('before the start starts nothing', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-hangs.sh')
    const reason = new Error('too late')
    await expect(prover.prove(batchJob(0), { signal: AbortSignal.abort(reason), onProgress: () => undefined })).rejects.toBe(reason)
    expect(await readdir(scratchDir)).toEqual([])
  })
})

test('a worker that is killed takes its provers and their scratch with it', async () => {
  const { artifactsDir, scratchDir } = await withFakeBb('bb-hangs.sh')
  const worker = spawn(process.execPath, [
    fileURLToPath(new URL('./fixtures/prove-and-wait.ts', import.meta.url)),
    artifactsDir,
    scratchDir,
  ])
  const pid = await bbPid(artifactsDir)
  worker.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
  await vi.waitFor(async () => expect(await readdir(scratchDir)).toEqual([]), { timeout: 10_000 })
})

test('a prover sees nothing of the worker’s environment', async () => {
  vi.stubEnv('MINER_PRIVATE_KEY', '0x1234')
  const { artifactsDir, prover } = await withFakeBb('bb-hangs.sh')
  const cancelled = new AbortController()
  const proving = prover.prove(batchJob(0), { signal: cancelled.signal, onProgress: () => undefined })
  await bbPid(artifactsDir)
  cancelled.abort(new Error('seen enough'))
  await expect(proving).rejects.toThrow('seen enough')
  const names = (await readFile(join(artifactsDir, 'bb-environment'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(names.filter((name) => !SHELL_VARIABLES.includes(name as string)).sort()).toEqual([
    'BB_MSM_NEW',
    'CRS_PATH',
    'HARDWARE_CONCURRENCY',
    'PATH',
    'TMPDIR',
  ])
})

describe('ends are told apart', () => {
  test.each([
    { fixture: 'bb-crashes.sh', end: { ended: 'signal', signal: 'SIGABRT' }, last: /bad_alloc/, why: 'out of memory' },
    {
      fixture: 'bb-fails.sh',
      end: { ended: 'crash', exitCode: 3 },
      last: /the last words\n$/,
      why: 'a failure, with the end of what it wrote',
    },
  ])('$why', async ({ fixture, end, last }) => {
    const { scratchDir, prover } = await withFakeBb(fixture)
    const error = await failure(prover)
    expect(error.result).toMatchObject({ ...end, stderrTail: expect.stringMatching(last) })
    expect(error.result.stderrTail.length).toBeLessThanOrEqual(4_000)
    expect(await readdir(scratchDir)).toEqual([])
  })

  test('a limit that was passed', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-hangs.sh', { timeoutMs: 1 })
    expect((await failure(prover)).result.ended).toBe('timeout')
    expect(await readdir(scratchDir)).toEqual([])
  })
})

async function withFakeBb(fixture: string, options: Partial<NoirProverOptions> = {}) {
  const artifactsDir = await artifactsWithFakeBb(fixture)
  const scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-scratch-'))
  folders.push(artifactsDir, scratchDir)
  const prover = await createNoirProver({ artifactsDir, threads: 1, scratchDir, graceMs: GRACE_MS, ...options })
  return { artifactsDir, scratchDir, prover }
}

async function failure(prover: Awaited<ReturnType<typeof createNoirProver>>): Promise<ProverProcessError> {
  const error = await prover
    .prove(batchJob(0), { signal: new AbortController().signal, onProgress: () => undefined })
    .catch((cause) => cause)
  if (error instanceof ProverProcessError) return error
  throw error
}

/** Waits until the script that stands in for bb runs. */
async function bbPid(artifactsDir: string): Promise<number> {
  const pid = await vi.waitFor(
    async () => {
      const pid = Number(await readFile(join(artifactsDir, 'bb-pid'), 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 30_000, interval: 20 },
  )
  started.push(pid)
  return pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
