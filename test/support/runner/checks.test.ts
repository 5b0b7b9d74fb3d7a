import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import project from '../../../package.json' with { type: 'json' }
import { scratchFolder } from '../scratch-folder.ts'
import { copyTree } from './copied-tree.ts'
import { run } from './run.ts'

/** Kept apart, because the check reads this file, too. */
const MD = '.md'

const LICENCES = fileURLToPath(new URL('../../../dev/checks/licences.ts', import.meta.url))

/** What each check is there for, put into a copy of the sources. */
const BROKEN: Record<string, { file: string; text: string; says: RegExp }> = {
  'check:types': {
    file: 'protocol/wrong-type.ts',
    text: "export const height: number = 'high'\n",
    says: /protocol\/wrong-type\.ts.*error TS2322/,
  },
  'check:lint': {
    file: 'protocol/wrong-style.ts',
    text: 'export  const height = 1;;\n',
    says: /protocol\/wrong-style\.ts/,
  },
  'check:imports': {
    file: 'protocol/wrong-import.ts',
    text: "import '../db/connection/connect.ts'\n",
    says: /protocol-imports-nothing-of-ours: protocol\/wrong-import\.ts → db\/connection\/connect\.ts/,
  },
  'check:links': {
    file: 'protocol/wrong-link.ts',
    text: `/** docs/protocol${MD}#no-such-heading */\n`,
    says: /protocol\/wrong-link\.ts:1: docs\/protocol\.md#no-such-heading: no such heading/,
  },
  'check:prose': {
    file: 'protocol/wide-comment.ts',
    text: `/** ${'It has a height. '.repeat(8)}*/\n`,
    says: /protocol\/wide-comment\.ts:1: 142 columns/,
  },
  'check:dead': {
    file: 'protocol/nobody-imports-this.ts',
    text: 'export const height = 1\n',
    says: /protocol\/nobody-imports-this\.ts/,
  },
  'check:folders': {
    file: 'protocol/base/nobody-explains-this.ts',
    text: 'export const height = 1\n',
    says: /protocol\/base\/README\.md: its table lacks `nobody-explains-this\.ts`/,
  },
  'check:errors': {
    file: 'protocol/wrong-error.ts',
    text: 'export class WrongError extends Error {}\n',
    says: /protocol\/wrong-error\.ts: WrongError is neither a RetryableError nor a FatalError/,
  },
}

/** Links that lead nowhere, and what the check says of each. */
const LINKS = [
  { what: 'a file', file: `docs/operate/README${MD}`, text: `[it](gone${MD})`, says: `gone${MD}: no such file` },
  { what: 'a file of code', file: 'README.md', text: '[it](protocol/gone.ts)', says: 'protocol/gone.ts: no such file' },
  { what: 'a definition', file: 'README.md', text: '[it]: gone.png', says: 'gone.png: no such file' },
  {
    what: 'a heading',
    file: `docs/operate/README${MD}`,
    text: `[it](../protocol${MD}#gone)`,
    says: `../protocol${MD}#gone: no such heading`,
  },
  { what: 'a heading of the same file', file: 'README.md', text: '[it](#gone)', says: '#gone: no such heading' },
  {
    what: 'a file in a comment',
    file: 'contracts/parts/Payouts.sol',
    text: `/// docs/gone${MD}`,
    says: `docs/gone${MD}: no such file`,
  },
  {
    what: 'a heading in a comment',
    file: 'docker-compose.yml',
    text: `# docs/protocol${MD}#gone`,
    says: `docs/protocol${MD}#gone: no such heading`,
  },
]

/** Packages that the check of licences finds, and what it says of them. */
const INSTALLED: { what: string; packages: Record<string, object>; says: RegExp }[] = [
  {
    what: 'a licence that asks for more',
    packages: { strict: { license: 'GPL-3.0-only' } },
    says: /strict@1\.0\.0: GPL-3\.0-only/,
  },
  { what: 'one of two that is not allowed', packages: { two: { license: '(MIT AND AGPL-3.0)' } }, says: /two@1\.0\.0/ },
  { what: 'no licence', packages: { none: {} }, says: /none@1\.0\.0/ },
  {
    what: 'the licence of an exception at another package',
    packages: { other: { license: 'MPL-2.0' } },
    says: /other@1\.0\.0: MPL-2\.0/,
  },
  { what: 'no package at all', packages: {}, says: /no package is installed/ },
]

describe('every check fails for what it is there for', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zkpow-test-checks-'))
    copyTree(folder)
    await run('git', ['init', '--quiet'], folder)
    for (const { file, text } of Object.values(BROKEN)) await appendFile(join(folder, file), text)
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('no check is left out here', () => {
    const checks = Object.keys(project.scripts).filter((name) => name.startsWith('check:'))
    expect(checks.toSorted()).toEqual([...Object.keys(BROKEN), 'check:licences'].toSorted())
  })

  test.each(Object.entries(BROKEN))('%s', async (check, { says }) => {
    const { code, output } = await run('npm', ['run', '--silent', check], folder)
    expect(output).toMatch(says)
    expect(code).not.toBe(0)
  })
})

test('the checks of the docs fail for a code, a script and words that are not there', async () => {
  const folder = await scratchFolder()
  copyTree(folder)
  await appendFile(
    join(folder, 'docs/operate/README.md'),
    '\n| `no-such-code` | x |\n`npm run nothing`\n\n> words that nobody says\n',
  )
  await rm(join(folder, 'vitest.config.ts'))
  // This file needs none of the servers that all tests share.
  const args = [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', 'test/client/docs.test.ts']
  const { code, output } = await run(process.execPath, args, folder)
  for (const missed of ['no-such-code', "'nothing'", "'words that nobody says'"])
    expect(output).toContain(missed.replaceAll("'", '"'))
  expect(code).toBe(1)
})

test('the check of links names each that leads nowhere', async () => {
  const folder = await scratchFolder()
  copyTree(folder)
  for (const { file, text } of LINKS) await appendFile(join(folder, file), `\n\n${text}\n`)
  const { code, output } = await run(process.execPath, [join(folder, 'dev/checks/links.ts')], folder)
  for (const { what, file, says } of LINKS) expect(output, what).toMatch(new RegExp(`^${file}:\\d+: ${says}$`, 'm'))
  expect(output.trim().split('\n')).toHaveLength(LINKS.length)
  expect(code).toBe(1)
})

test.each(INSTALLED)('the check of licences fails with $what', async ({ packages, says }) => {
  const folder = await install(packages)
  const { code, output } = await run(process.execPath, [LICENCES, folder], folder)
  expect(output).toMatch(says)
  expect(code).toBe(1)
})

test('the check of licences passes with what is allowed', async () => {
  const folder = await install({ plain: { license: 'MIT' }, choice: { license: '(GPL-2.0 OR MIT)' } })
  expect(await run(process.execPath, [LICENCES, folder], folder)).toMatchObject({
    code: 0,
    output: expect.stringContaining('2 packages'),
  })
})

async function install(packages: Record<string, object>): Promise<string> {
  const folder = await scratchFolder()
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '1.0.0']))
  await writeJson(join(folder, 'package.json'), {
    name: 'ours',
    version: '1.0.0',
    private: true,
    license: 'MIT',
    dependencies,
  })
  for (const [name, fields] of Object.entries(packages))
    await writeJson(join(folder, 'node_modules', name, 'package.json'), { name, version: '1.0.0', ...fields })
  return folder
}

async function writeJson(file: string, value: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(value))
}
