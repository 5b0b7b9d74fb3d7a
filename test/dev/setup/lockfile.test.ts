import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

interface Locked {
  version: string
  resolved?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** Packages by their path: `node_modules/viem`. */
const { packages }: { packages: Record<string, Locked> } = JSON.parse(
  await readFile(new URL('../../../package-lock.json', import.meta.url), 'utf8'),
)

test('every build of a package that some platform may take is locked: else `npm install` adds it, and the checkout is changed', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  )
  expect(missing).toEqual([])
})

test('no package is bound to the registry of the machine that locked it', () => {
  const bound = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)
  expect(bound).toEqual([])
})

/** Tells whether Node would find it from there: in the package's own folder or in one above. */
function isLocked(from: string, name: string): boolean {
  const folders = from.split('/node_modules/')
  const above = folders.map((_, i) => folders.slice(0, folders.length - i).join('/node_modules/'))
  return [
    ...above.map((folder) => (folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`)),
    `node_modules/${name}`,
  ].some((path) => path in packages)
}
