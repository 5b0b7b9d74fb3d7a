import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { exitWithError } from '../../dev/exit-with-error.ts'
import { SpawnError } from '../../dev/stack/errors.ts'
import { runProcess } from '../../dev/stack/processes/process.ts'
import { requireSpace } from '../../dev/stack/space.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

test.each([
  { code: 'EROFS', remedy: /\/checkout\/data.*Fix: its file system is read-only: copy the checkout/ },
  { code: 'EACCES', remedy: /\/checkout\/data.*Fix: we may not write there.*ZKPOW_CACHE/ },
  { code: 'ENOSPC', remedy: /\/checkout\/data.*Fix: its disk is full.*TMPDIR/ },
])('a folder that can not be written to for $code is named with the remedy', ({ code, remedy }) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  exitWithError(Object.assign(new Error(`${code}: mkdir '/checkout/data'`), { code, path: '/checkout/data' }))
  expect(process.exitCode).toBe(1)
  process.exitCode = 0
  expect(said.mock.calls.flat().join('')).toMatch(remedy)
  said.mockRestore()
})

test('a disk with too little space is named with the remedy', async () => {
  const folder = await scratchFolder()
  await requireSpace(folder, 1e6)
  const message = expect.stringMatching(new RegExp(`${folder} has \\d+ MB free, and 1000000000 MB are needed`))
  await expect(requireSpace(folder, 1e15)).rejects.toMatchObject({ message, remedy: expect.stringContaining('TMPDIR') })
})

test('a program that may not be executed, as on a noexec mount, is named with the remedy', async () => {
  const folder = await scratchFolder()
  const command = join(folder, 'program')
  await writeFile(command, '#!/bin/sh\n')
  await chmod(command, 0o644)
  const running = runProcess({ name: 'program', command, logFile: join(folder, 'log') })
  await expect(running).rejects.toThrow(SpawnError)
  await expect(running).rejects.toMatchObject({
    message: expect.stringContaining(command),
    remedy: expect.stringMatching(/noexec.*ZKPOW_CACHE/),
  })
})
