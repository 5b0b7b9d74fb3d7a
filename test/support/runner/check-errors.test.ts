import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scratchFolder } from '../scratch-folder.ts'
import { run } from './run.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CHECK = join(ROOT, 'dev/checks/errors/check.ts')

const entry = (code: string, happened = 'It is gone.', remedy = 'look for it.') =>
  `static override readonly entry = { code: '${code}', happened: '${happened}', remedy: '${remedy}' }`

/** Writes a class as it should be, but for what is changed. */
const error = (p: { base?: string; entry?: string; name?: string; start?: string }) =>
  [
    "import { FatalError, RetryableError } from '../../protocol/base/errors.ts'",
    `${p.start ?? 'export class'} LostError extends ${p.base ?? 'FatalError'} {`,
    `  ${p.entry ?? entry('ZKPOW-DB-LOST')}`,
    `  ${p.name ?? "override readonly name = 'LostError'"}`,
    '}\n',
  ].join('\n')

/** What keeps an operator from finding an error, by what is added to sound sources. */
const BROKEN: { what: string; text: string; file?: string; says: string }[] = [
  { what: 'no entry', text: error({ entry: '' }), says: 'LostError has no entry of its own' },
  { what: 'nobody may read', text: error({ start: 'class' }), says: "LostError isn't exported" },
  { what: 'no way to pass or stay', text: error({ base: 'Error' }), says: 'neither a RetryableError nor a FatalError' },
  { what: 'no name', text: error({ name: '' }), says: 'LostError has no name as its name' },
  {
    what: 'the name of another',
    text: error({ name: "override readonly name = 'GoneError'" }),
    says: 'LostError has GoneError as its name',
  },
  {
    what: 'a number as code',
    text: error({ entry: entry('ZKPOW-DB-001') }),
    says: "ZKPOW-DB-001 isn't ZKPOW, a place",
  },
  { what: 'small letters', text: error({ entry: entry('ZKPOW-DB-lost') }), says: "ZKPOW-DB-lost isn't ZKPOW, a place" },
  { what: 'another start', text: error({ entry: entry('DB-WAS-LOST') }), says: "DB-WAS-LOST isn't ZKPOW, a place" },
  { what: 'a code in use', text: error({ entry: entry('ZKPOW-DB-GONE') }), says: 'is that of GoneError, too' },
  { what: 'an unknown place', text: error({ entry: entry('ZKPOW-MOON-LOST') }), says: 'names no place' },
  {
    what: "another place than its kind's",
    file: 'kinds/moon/errors.ts',
    text: error({}),
    says: "doesn't begin with ZKPOW-MOON-",
  },
  { what: 'half a sentence', text: error({ entry: entry('ZKPOW-DB-LOST', 'gone') }), says: 'is no sentence' },
  { what: 'no remedy', text: error({ entry: entry('ZKPOW-DB-LOST', 'Gone.', '') }), says: 'the remedy goes on after' },
  { what: 'no place in the document', text: error({}), says: 'run `npm run docs:errors`' },
]

test.each(BROKEN)(
  'the check of errors fails for a class with $what',
  async ({ file = 'db/lost/errors.ts', text, says }) => {
    const folder = await sound()
    await write(folder, file, text)
    const { code, output } = await check(folder)
    expect(output).toContain(says)
    expect(output).toContain(says.startsWith('run') ? 'docs/errors.md' : `${file}: `)
    expect(code).toBe(1)
  },
)

test('the check of errors fails for a document that was changed by hand', async () => {
  const folder = await sound()
  await write(folder, 'docs/errors.md', `${await readFile(join(folder, 'docs/errors.md'), 'utf8')}More.\n`)
  expect(await check(folder)).toMatchObject({ code: 1, output: expect.stringContaining('it says other things') })
})

test('the check of errors fails where it finds none', async () => {
  const folder = await scratchFolder()
  await write(folder, 'docs/errors.md', '')
  expect(await check(folder)).toMatchObject({ code: 1, output: expect.stringContaining('no class of errors is found') })
})

test('what is written is an operator’s table, and passes', async () => {
  const folder = await sound()
  await write(folder, 'kinds/moon/errors.ts', error({ base: 'RetryableError', entry: entry('ZKPOW-MOON-LOST') }))
  expect(await check(folder, '--write')).toMatchObject({ code: 0 })
  expect(await check(folder)).toEqual({ code: 0, output: '2 classes of errors are in docs/errors.md.\n' })
  const text = await readFile(join(folder, 'docs/errors.md'), 'utf8')
  expect(text.slice(text.indexOf('## '))).toBe(`## Postgres

### ZKPOW-DB-GONE

It is gone. *It stays* (\`GoneError\`).

**Fix:** look for it.

## The rollup kind \`moon\`

### ZKPOW-MOON-LOST

It is gone. *It may pass* (\`LostError\`).

**Fix:** look for it.
`)
})

test('the check of errors fails where a workflow knows an error by a name that nothing throws', async () => {
  const folder = await sound()
  await write(folder, 'activities/stop.ts', "export const STOPPED = { type: 'StoppedError' }\n")
  await write(folder, 'workflows/known.ts', "export const KNOWN = ['GoneError', 'StoppedError']\n")
  expect(await check(folder)).toMatchObject({ code: 0 })
  await write(folder, 'workflows/known.ts', "export const KNOWN = ['GoneError', 'StoppedError', 'LostError']\n")
  expect(await check(folder)).toEqual({
    code: 1,
    output: 'workflows/known.ts: nothing throws a LostError; open workflows hold the name that a class had.\n',
  })
})

/** Writes sources with one class of errors, which the document has. */
async function sound(): Promise<string> {
  const folder = await scratchFolder()
  await write(folder, 'db/gone/errors.ts', error({ entry: entry('ZKPOW-DB-GONE') }).replaceAll('Lost', 'Gone'))
  await mkdir(join(folder, 'protocol/base'), { recursive: true })
  await cp(join(ROOT, 'protocol/base/errors.ts'), join(folder, 'protocol/base/errors.ts'))
  await mkdir(join(folder, 'docs'))
  expect(await check(folder, '--write')).toMatchObject({ code: 0 })
  return folder
}

async function write(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), text)
}

const check = (folder: string, ...options: string[]) => run(process.execPath, [CHECK, ...options, folder], folder)
