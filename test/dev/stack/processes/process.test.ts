import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ProcessEndedError, ProcessNotReadyError, SpawnError } from '../../../../dev/stack/errors.ts'
import { type ManagedProcess, type ProcessOptions, startProcess } from '../../../../dev/stack/processes/process.ts'
import { descendantsOf } from '../../../support/process-table.ts'
import { untilGone } from '../../../support/processes.ts'
import { scratchFolder } from '../../../support/scratch-folder.ts'

test('a process gets the environment that it is given and nothing of ours but the few names programs need', async () => {
  process.env.SECRET_OF_OURS = 'secret'
  const { logFile, ended } = await startShell('env', { env: { GIVEN: 'yes' } })
  await ended
  delete process.env.SECRET_OF_OURS
  const names = (await readFile(logFile, 'utf8')).split('\n').map((line) => line.split('=')[0])
  expect(names).toContain('GIVEN')
  expect(names).toContain('PATH')
  expect(names).not.toContain('SECRET_OF_OURS')
  expect(names).not.toContain('NODE_CHANNEL_FD')
})

test('a process that ends before it is ready is an error with the end of its log', async () => {
  const starting = startShell('echo first; echo "no such table" >&2; exit 3', {
    ready: () => Promise.reject(new Error('not yet')),
  })
  await expect(starting).rejects.toThrow(ProcessEndedError)
  await expect(starting).rejects.toThrow(/exit code 3(.|\n)*first\nno such table/)
})

test('a process that never becomes ready is stopped, and the error tells why the check failed', async () => {
  const pids: number[] = []
  const ready = async () => {
    pids.splice(0, pids.length, ...descendantsOf(process.pid))
    throw new Error('connection refused')
  }
  const starting = startShell('sleep 1000', { ready, readyTimeoutMs: 300 })
  await expect(starting).rejects.toThrow(ProcessNotReadyError)
  await expect(starting).rejects.toMatchObject({ cause: { message: 'connection refused' } })
  await untilGone(pids)
})

test('a program that is not there is an error that names it', async () => {
  const starting = startProcess({
    name: 'prover',
    command: 'no-such-program',
    logFile: join(await scratchFolder(), 'log'),
  })
  await expect(starting).rejects.toThrow(SpawnError)
  await expect(starting).rejects.toThrow(/"prover".*no-such-program.*ENOENT/)
})

test('stop asks first: the process may clean up', async () => {
  const shell = await startShell('trap "echo cleaned up; exit 0" TERM; echo up; while :; do sleep 0.05; done', {
    ready: hasSaidUp,
  })
  expect(await shell.stop()).toEqual({ exitCode: 0, signal: null })
  expect(await shell.lastLines(1)).toBe('cleaned up')
})

test('stop insists after the grace', async () => {
  const shell = await startShell('trap "" TERM; echo up; while :; do sleep 0.05; done', {
    ready: hasSaidUp,
    graceMs: 200,
  })
  expect(await shell.stop()).toEqual({ exitCode: null, signal: 'SIGKILL' })
  expect(shell.isRunning).toBe(false)
})

test('stop reaches a suspended process', async () => {
  const shell = await startShell('trap "exit 0" TERM; echo up; while :; do sleep 0.05; done', { ready: hasSaidUp })
  shell.kill('SIGSTOP')
  expect(await shell.stop()).toEqual({ exitCode: 0, signal: null })
})

test('a killed process takes its own children along', async () => {
  const shell = await startShell('sleep 1000 & echo up; wait', { ready: hasSaidUp })
  const children = descendantsOf(shell.pid)
  expect(children).toHaveLength(1)
  process.kill(shell.pid, 'SIGKILL')
  await shell.ended
  await untilGone(children)
})

async function startShell(script: string, options: Partial<ProcessOptions> = {}): Promise<ManagedProcess> {
  const logFile = join(await scratchFolder(), 'logs', 'shell.log')
  const shell = await startProcess({ name: 'shell', command: 'sh', args: ['-c', script], logFile, ...options })
  onTestFinished(async () => void (await shell.stop()))
  return shell
}

async function hasSaidUp(_: AbortSignal, shell: ManagedProcess): Promise<void> {
  expect(await shell.lastLines()).toContain('up')
}
