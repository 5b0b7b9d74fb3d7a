import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker'

/** Variable that names a bundle made beforehand, for whoever wants to know exactly which one is used. */
const BUNDLE_ENV = 'ZKPOW_WORKFLOW_BUNDLE'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Workflows are made of these folders and of packages: `npm run check:imports` sees to it. */
const SOURCES = '{workflows,protocol}/**/*.ts'

/** npm writes there which packages it has installed. Where others install, all of them are in the other file. */
const INSTALLED = ['node_modules/.package-lock.json', 'package-lock.json']

/** What a kept bundle begins with, before the hash of all that follows: half a file isn't taken for a whole one. */
const HEAD = '// sha256 of what follows: '

/** Where bundles are kept, and what they are made of. */
export interface BundlePlace {
  /** Of the checkout. */
  root: string
  /**
   * It is made if it can be. By default it is among the packages: whoever can write there can change what runs anyhow.
   */
  folder: string
  make(): Promise<{ code: string }>
}

const PLACE: BundlePlace = {
  root: ROOT,
  folder: join(ROOT, 'node_modules/.cache/zkpow'),
  make: () => bundleWorkflowCode({ workflowsPath: join(ROOT, 'workflows/index.ts') }),
}

/**
 * Gives the workflows as the worker's sandbox takes them. Making a bundle takes seconds, and a miner may wait for the
 * aggregator that was killed: one that was made of the same sources and packages is used again.
 */
export async function workflowBundle({ root, folder, make }: BundlePlace = PLACE): Promise<WorkflowBundleOption> {
  const codePath = process.env[BUNDLE_ENV]
  if (codePath !== undefined) return { codePath }
  const name = `workflows-${hashOfSources(root)}.js`
  const kept = await readKept(join(folder, name))
  if (kept !== null) return { code: kept }
  const { code } = await make()
  await keep(folder, name, code).catch(ignoreReadOnly)
  return { code }
}

/** Hashes everything that a bundle depends on. */
function hashOfSources(root: string): string {
  const hash = createHash('sha256').update(process.version)
  const files = globSync(SOURCES, { cwd: root }).sort()
  for (const file of [...files, ...INSTALLED]) {
    const content = contentOf(join(root, file))
    hash.update(`\n${file} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}

/** Reads a file; it is empty where there is none. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

/** @returns null where none is kept, or it isn't whole. */
async function readKept(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const [head = ''] = text.split('\n', 1)
  const code = text.slice(head.length + 1)
  return head === HEAD + sha256(code) ? code : null
}

/** Keeps a bundle whole or not at all, for another aggregator may be reading. Those of older sources go. */
async function keep(folder: string, name: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const unfinished = join(folder, `${name}.${process.pid}`)
  const file = await open(unfinished, 'w')
  try {
    await file.writeFile(`${HEAD}${sha256(code)}\n${code}`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, join(folder, name))
  const others = (await readdir(folder)).filter((other) => other.startsWith('workflows-') && other !== name)
  for (const other of others) await rm(join(folder, other), { force: true })
}

/** Ignores that a checkout can't be written to. It works, too: each start makes a bundle then. */
const ignoreReadOnly = () => {}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
