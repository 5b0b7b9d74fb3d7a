import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workflowBundle } from '../../../workers/temporal/workflow-bundle.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

test('a bundle is made once of the same sources and packages', async () => {
  const checkout = await createCheckout()
  expect(await checkout.bundle()).toEqual({ code: 'bundle 1' })
  expect(await checkout.bundle()).toEqual({ code: 'bundle 1' })
  expect(await readdir(checkout.folder)).toHaveLength(1)
})

test.each([
  { what: 'a workflow', file: 'workflows/a.ts' },
  { what: 'a rule', file: 'protocol/base/b.ts' },
  { what: 'a new file', file: 'protocol/new.ts' },
  { what: 'an installed package', file: 'node_modules/.package-lock.json' },
  { what: 'a package of a lock file', file: 'package-lock.json' },
])('$what that changes makes another bundle, and the old one goes', async ({ file }) => {
  const checkout = await createCheckout()
  await checkout.bundle()
  await checkout.write(file, 'changed')
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
  expect(await readdir(checkout.folder)).toHaveLength(1)
})

test('text that moves from one file into the next makes another bundle', async () => {
  const checkout = await createCheckout()
  await checkout.write('workflows/a.ts', 'one')
  await checkout.write('workflows/b.ts', 'two')
  await checkout.bundle()
  await checkout.write('workflows/a.ts', 'on')
  await checkout.write('workflows/b.ts', 'etwo')
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
})

test.each([
  { what: 'cut off', spoil: (file: string) => truncate(file, 80) },
  { what: 'empty', spoil: (file: string) => truncate(file, 0) },
  { what: 'changed', spoil: async (file: string) => writeFile(file, `${await readFile(file, 'utf8')}evil()`) },
])('a kept bundle that is $what is made anew', async ({ spoil }) => {
  const checkout = await createCheckout()
  await checkout.bundle()
  const [name = ''] = await readdir(checkout.folder)
  await spoil(join(checkout.folder, name))
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
})

test('where nothing can be kept, each start makes a bundle', async () => {
  const checkout = await createCheckout()
  await writeFile(checkout.folder, 'a file where the folder would be')
  expect(await checkout.bundle()).toEqual({ code: 'bundle 1' })
  expect(await checkout.bundle()).toEqual({ code: 'bundle 2' })
})

async function createCheckout() {
  const root = await scratchFolder()
  const folder = join(root, 'kept')
  const write = async (file: string, text: string) => {
    await mkdir(join(root, file, '..'), { recursive: true })
    await writeFile(join(root, file), text)
  }
  for (const file of ['workflows/a.ts', 'protocol/base/b.ts', 'node_modules/.package-lock.json', 'package-lock.json'])
    await write(file, file)
  let made = 0
  const make = async () => ({ code: `bundle ${++made}` })
  return { folder, write, bundle: () => workflowBundle({ root, folder, make }) }
}
