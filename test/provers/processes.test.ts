import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { paymentsCircuits as circuits } from '../../kinds/payments/circuits.ts'
import { ProverDiskFullError, ProverMachineError, ProverOutOfMemoryError } from '../../protocol/proof/prover-errors.ts'
import { artifactPaths, loadManifest } from '../../provers/noir/artifacts.ts'
import { circuitInputs } from '../../provers/noir/circuit-inputs.ts'
import { ProverProcessError } from '../../provers/noir/errors.ts'
import { failureOf } from '../../provers/noir/failures.ts'
import { createNoirProver, type NoirProverOptions } from '../../provers/noir/prover.ts'
import { runProcess } from '../../provers/noir/run-process.ts'
import { SOON } from '../support/patience.ts'
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
    await expect(
      prover.prove(batchJob(0), { signal: AbortSignal.abort(reason), onProgress: () => undefined }),
    ).rejects.toBe(reason)
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
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), SOON)
  await vi.waitFor(async () => expect(await readdir(scratchDir)).toEqual([]), SOON)
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
  test('a failure, with the end of what it wrote', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-fails.sh')
    const error = await failure(prover)
    if (!(error instanceof ProverProcessError)) throw error
    expect(error.result).toMatchObject({
      ended: 'crash',
      exitCode: 3,
      stderrTail: expect.stringMatching(/the last words\n$/),
    })
    expect(error.result.stderrTail.length).toBeLessThanOrEqual(4_000)
    expect(error.message).toMatch(/ended with exit code 3\. It wrote last: .*the last words$/s)
    expect(error.message.length).toBeLessThanOrEqual(500)
    expect(await readdir(scratchDir)).toEqual([])
  })

  test('a limit that was passed', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-hangs.sh', { timeoutMs: 1 })
    expect(await failure(prover)).toMatchObject({ result: { ended: 'timeout' } })
    expect(await readdir(scratchDir)).toEqual([])
  })

  test.each([
    {
      fixture: 'bb-crashes.sh',
      says: 'was ended by SIGABRT. It wrote last: terminate called after throwing an instance of std::bad_alloc',
    },
    { fixture: 'bb-killed.sh', says: 'was ended by SIGKILL. It wrote last: (nothing)' },
    { fixture: 'bb-killed-in-container.sh', says: 'ended with exit code 137. It wrote last: (nothing)' },
  ])('out of memory: $fixture', async ({ fixture, says }) => {
    const { scratchDir, prover } = await withFakeBb(fixture)
    const error = await failure(prover)
    expect(error).toBeInstanceOf(ProverOutOfMemoryError)
    expect(error.message).toBe(`The process that makes the batch proof ran out of memory: it ${says}`)
    expect(await readdir(scratchDir)).toEqual([])
  })

  test('no space for the proof', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-finds-no-space.sh')
    const error = await failure(prover)
    expect(error).toBeInstanceOf(ProverDiskFullError)
    expect(error.message).toBe(`No space is left in ${scratchDir}, where the batch proof was to be made.`)
    expect(await readdir(scratchDir)).toEqual([])
  })

  test.each(['bb-lacks-instructions.sh', 'bb-cannot-write.sh'])('a machine that is unfit: %s', async (fixture) => {
    const { prover } = await withFakeBb(fixture)
    expect(await failure(prover)).toBeInstanceOf(ProverMachineError)
  })

  test('a missing program', async () => {
    const { artifactsDir, prover } = await withFakeBb('bb-fails.sh')
    await rm(join(artifactsDir, 'bb'))
    expect(await failure(prover)).toBeInstanceOf(ProverMachineError)
  })

  test('a scratch folder that is none', async () => {
    const { scratchDir, prover } = await withFakeBb('bb-fails.sh')
    await rm(scratchDir, { recursive: true })
    await writeFile(scratchDir, '')
    expect(await failure(prover)).toMatchObject({
      name: 'ProverMachineError',
      message: expect.stringContaining('(ENOTDIR)'),
    })
  })

  test.runIf(process.platform === 'linux')('no space for the witness', async () => {
    const { artifactsDir, scratchDir } = await withFakeBb('bb-fails.sh')
    const { programPath, inputs } = await tinyRequest(artifactsDir)
    const result = await runProcess({
      file: process.execPath,
      args: [fileURLToPath(new URL('../../provers/noir/prove-child.ts', import.meta.url))],
      env: {},
      timeoutMs: 60_000,
      ipc: {
        request: {
          programPath,
          inputs,
          witnessPath: '/dev/full',
          bb: { path: join(artifactsDir, 'bb'), args: [] },
          scratchDir,
          graceMs: 0,
        },
        onMessage: () => undefined,
      },
    })
    expect(failureOf({ stage: 'batch', scratchDir: join(scratchDir, 'batch-1') }, result, undefined)).toMatchObject({
      name: 'ProverDiskFullError',
      message: `No space is left in ${scratchDir}, where the batch proof was to be made.`,
    })
  })
})

async function withFakeBb(fixture: string, options: Partial<NoirProverOptions> = {}) {
  const artifactsDir = await artifactsWithFakeBb(fixture)
  const scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-scratch-'))
  folders.push(artifactsDir, scratchDir)
  const prover = await createNoirProver({
    circuits,
    artifactsDir,
    threads: 1,
    scratchDir,
    graceMs: GRACE_MS,
    ...options,
  })
  return { artifactsDir, scratchDir, prover }
}

async function failure(prover: Awaited<ReturnType<typeof createNoirProver>>): Promise<Error> {
  const proving = prover.prove(batchJob(0), { signal: new AbortController().signal, onProgress: () => undefined })
  return proving.then(
    () => Promise.reject(new Error('It made a proof.')),
    (error: Error) => error,
  )
}

/** Makes what a prover sends the process that proves the tiny batch. */
async function tinyRequest(artifactsDir: string) {
  const manifest = await loadManifest(artifactsDir)
  const key = { words: [], hash: manifest.circuits.aggregate.verificationKeyHash }
  return {
    programPath: artifactPaths(artifactsDir).program('batch'),
    inputs: circuitInputs(batchJob(0), { circuits, keys: { batch: key, aggregate: key } }),
  }
}

/** Waits until the script that stands in for bb runs. */
async function bbPid(artifactsDir: string): Promise<number> {
  const pid = await vi.waitFor(async () => {
    const pid = Number(await readFile(join(artifactsDir, 'bb-pid'), 'utf8'))
    expect(pid).toBeGreaterThan(0)
    return pid
  }, SOON)
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
