import { spawnSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { exitWithError } from '../../../dev/exit-with-error.ts'
import { SpawnError } from '../../../dev/stack/errors.ts'
import { runProcess } from '../../../dev/stack/processes/process.ts'
import { requireSpace } from '../../../dev/stack/space.ts'
import { canMount } from '../../support/can-mount.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const EXIT_WITH_ERROR = new URL('../../../dev/exit-with-error.ts', import.meta.url).href

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

test.runIf(canMount)('so is one on a real read-only mount, of which Node says that it is no file', async () => {
  const program = `
    import { mkdir } from 'node:fs/promises'
    import { exitWithError } from ${JSON.stringify(EXIT_WITH_ERROR)}
    await mkdir('folder/a/b', { recursive: true }).catch(exitWithError)`
  const folder = await scratchFolder()
  await mkdir(join(folder, 'folder'))
  const script = `mount -t tmpfs -o ro none folder && exec "$0" --input-type=module-typescript -e "$1"`
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, process.execPath, program], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stderr).toMatch(/EROFS.*Fix: its file system is read-only/)
  expect(status).toBe(1)
})

test('a Node that reads no TypeScript says what is in the way', async () => {
  const args = ['--no-experimental-strip-types', 'dev/with-node.mjs', 'dev/demo.ts', '--help']
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^Node v\d+\.\d+\.\d+ can't run TypeScript.* Fix: start it by `npm run`/)
  const { stdout: help } = spawnSync(process.execPath, args.slice(1), { cwd: ROOT, encoding: 'utf8' })
  expect(help).toMatch(/^Usage: npm run demo --/)
})

test.runIf(canMount)('a checkout on a noexec mount is named as such, though npm finds another Node then', async () => {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'checkout'))
  const script = `
    mount -t tmpfs -o noexec none checkout && mkdir -p checkout/dev checkout/node_modules/node/bin
    cp "$1" checkout/dev/with-node.mjs && cp "$0" checkout/node_modules/node/bin/node
    exec "$0" --no-experimental-strip-types checkout/dev/with-node.mjs dev/demo.ts`
  const { stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', script, process.execPath, join(ROOT, 'dev/with-node.mjs')],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  )
  expect(stderr).toMatch(/EACCES\. Fix: the checkout lies on a file system that is mounted noexec/)
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
