import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scratchFolder } from '../support/scratch-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** It is told of what Node itself resolves: hooks that are registered later are asked first. */
const COUNTER = `import { registerHooks } from 'node:module'
const counts = { resolved: 0, loaded: 0 }
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')) counts.resolved += 1
    return next(specifier, context)
  },
  load(url, context, next) {
    if (url.includes('/node_modules/drizzle-orm/')) counts.loaded += 1
    return next(url, context)
  },
})
process.on('exit', () => console.error(JSON.stringify(counts)))
`

test('a package.json of 178 kB isn’t read once for each module of its package', async () => {
  const counter = join(await scratchFolder(), 'counter.mjs')
  await writeFile(counter, COUNTER)
  const { resolved, loaded } = await countsOf(['--import', pathToFileURL(counter).href, join(ROOT, 'client/zkpow.ts')])
  expect(loaded).toBeGreaterThan(50)
  expect(resolved).toBe(0)
})

test('what Node compiled is kept in the checkout', async () => {
  const checkout = await createCheckout()
  await mkdir(join(checkout, 'node_modules'))
  expect(await outputOf(checkout)).toBe('runs\n')
  expect(await readdir(join(checkout, 'node_modules/.cache/zkpow/compiled'))).toHaveLength(1)
})

test('a checkout in which nothing can be kept runs, too', async () => {
  const checkout = await createCheckout()
  await writeFile(join(checkout, 'node_modules'), 'a file where the folder would be')
  expect(await outputOf(checkout)).toBe('runs\n')
})

const run = (args: string[]) => promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH } })

async function countsOf(args: string[]): Promise<{ resolved: number; loaded: number }> {
  const { stderr } = await run([...args, '--help'])
  return JSON.parse(stderr)
}

/** Copies the first file of the program, and adds another that says so when it runs. */
async function createCheckout(): Promise<string> {
  const checkout = await scratchFolder()
  await mkdir(join(checkout, 'client'))
  await cp(join(ROOT, 'client/zkpow.ts'), join(checkout, 'client/zkpow.ts'))
  await writeFile(join(checkout, 'package.json'), '{"type":"module"}')
  await writeFile(join(checkout, 'client/program.ts'), 'console.log("runs")\n')
  return checkout
}

const outputOf = async (checkout: string): Promise<string> => (await run([join(checkout, 'client/zkpow.ts')])).stdout
