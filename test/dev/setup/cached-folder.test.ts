import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CachedFolderDefinition, cachedFolder } from '../../../dev/setup/cached-folder.ts'

/** Larger than any process id that a system gives. */
const DEAD_PID = 2 ** 30

let cacheDir: string

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'zkpow-cache-'))
})

afterAll(() => rm(cacheDir, { recursive: true, force: true }))

test('two runs at once build once, and the one that waits says so', async () => {
  let builds = 0
  const said: string[] = []
  const step = folder({
    id: 'twice',
    build: async (dir) => {
      builds++
      await new Promise((resolve) => setImmediate(resolve))
      await writeFile(join(dir, 'result'), 'whole')
    },
  })
  const run = () => step.run((_, text) => said.push(text), unlimited())
  await Promise.all([run(), run()])
  expect(builds).toBe(1)
  expect(said).toEqual(['waiting for another process that makes this'])
  expect(await readFile(join(step.dir, 'result'), 'utf8')).toBe('whole')
})

test('a build that fails leaves nothing, and the next one succeeds', async () => {
  let fails = true
  const step = folder({
    id: 'fails-once',
    build: async (dir) => {
      await writeFile(join(dir, 'result'), fails ? 'half' : 'whole')
      if (fails) throw new Error('the disk is full')
    },
  })
  await expect(step.run(ignore, unlimited())).rejects.toThrow('the disk is full')
  expect(await step.isDone()).toBe(false)
  expect((await readdir(cacheDir)).filter((name) => name.startsWith('fails-once'))).toEqual([])
  fails = false
  await step.run(ignore, unlimited())
  expect(await readFile(join(step.dir, 'result'), 'utf8')).toBe('whole')
})

test('the lock of a process that died is taken over', async () => {
  const step = folder({ id: 'abandoned' })
  await writeFile(`${step.dir}.lock`, JSON.stringify({ host: hostname(), pid: DEAD_PID }))
  await step.run(ignore, unlimited())
  expect(await step.isDone()).toBe(true)
})

test('what a killed build left behind is removed by the next one', async () => {
  const step = folder({ id: 'killed' })
  await mkdir(`${step.dir}.tmp-abcdef`)
  await step.run(ignore, unlimited())
  expect((await readdir(cacheDir)).filter((name) => name.startsWith('killed'))).toEqual([basename(step.dir)])
})

test('waiting for a lock can be cancelled', async () => {
  const step = folder({ id: 'held' })
  await writeFile(`${step.dir}.lock`, JSON.stringify({ host: hostname(), pid: process.pid }))
  const cancelled = new AbortController()
  const running = step.run(() => cancelled.abort(), cancelled.signal)
  await expect(running).rejects.toThrow('aborted')
  expect(await step.isDone()).toBe(false)
})

test('every input changes the folder, their order does not', () => {
  const dirOf = (inputs: Record<string, string>) => folder({ id: 'keyed', inputs }).dir
  expect(dirOf({ a: '1', b: '2' })).toBe(dirOf({ b: '2', a: '1' }))
  expect(new Set([dirOf({ a: '1' }), dirOf({ a: '2' }), dirOf({ b: '1' }), dirOf({ a: '1', b: '' })]).size).toBe(4)
})

const ignore = () => undefined
const unlimited = () => new AbortController().signal

const folder = (definition: Partial<CachedFolderDefinition> & { id: string }) =>
  cachedFolder({
    title: 'test',
    cacheDir,
    inputs: {},
    build: async () => undefined,
    describe: async () => '',
    ...definition,
  })
