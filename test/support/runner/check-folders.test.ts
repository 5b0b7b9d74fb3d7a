import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkout, run } from './run.ts'

const FOLDERS = fileURLToPath(new URL('../../../dev/checks/folders.ts', import.meta.url))

/** Put together here: links in code have to lead somewhere. */
const RULES = `rules/README.${'md'}`
const explaining = (...names: string[]) =>
  ['| file | does |', '| --- | --- |', ...names.map((name) => `| \`${name}\` | x |`)].join('\n')
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `rule-${i}.ts`)
const emptyFiles = (folder: string, names: string[]) =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}`, '']))

const RULE = 'export const isRight = true\n'

/** Folders in which readers get lost, and what the check of folders says of them. */
const HEAPS: { what: string; files: Record<string, string>; says: RegExp }[] = [
  { what: 'a folder without a README', files: { 'rules/a.ts': '' }, says: /^rules\/: there is no README\.md/m },
  {
    what: 'a file that its README leaves out',
    files: { [RULES]: `Rules.\n\n${explaining('a.ts')}\n`, 'rules/a.ts': '', 'rules/b.sol': '' },
    says: /^rules\/README\.md: its table lacks `b\.sol`/m,
  },
  {
    what: 'a file that is gone',
    files: { [RULES]: explaining('a.ts', 'old/'), 'rules/a.ts': '' },
    says: /^rules\/README\.md: its table names `old\/`/m,
  },
  {
    what: 'a small folder that the README above leaves out',
    files: { [RULES]: explaining('deep/'), ...emptyFiles('rules/deep', numbered(3)) },
    says: /^rules\/README\.md: its table lacks `deep\/rule-0\.ts`/m,
  },
  {
    what: 'four files that the README above has to explain',
    files: {
      [RULES]: explaining(...numbered(4).map((name) => `deep/${name}`)),
      ...emptyFiles('rules/deep', numbered(4)),
    },
    says: /^rules\/deep\/: there is no README\.md/m,
  },
  {
    what: 'fifteen entries',
    files: { [RULES]: explaining(...numbered(15)), ...emptyFiles('rules', numbered(15)) },
    says: /^rules\/: 15 entries/m,
  },
  {
    what: 'a file of 301 lines',
    files: { [RULES]: explaining('long.ts'), 'rules/long.ts': 'x\n'.repeat(301) },
    says: /^rules\/long\.ts: 301 lines/m,
  },
  {
    what: 'code that nobody says a test of',
    files: { [RULES]: explaining('a.ts'), 'rules/a.ts': RULE },
    says: /^rules\/a\.ts: there is no test\/rules\/a\.test\.ts, .* in rules\/README\.md\.$/m,
  },
  {
    what: 'a test of another folder that has the name',
    files: { [RULES]: explaining('deep/a.ts'), 'rules/deep/a.ts': RULE, 'test/rules/a.test.ts': '' },
    says: /^rules\/deep\/a\.ts: there is no test\/rules\/deep\/a\.test\.ts/m,
  },
  {
    what: 'a README that names a test that is gone',
    files: { [RULES]: `${explaining('a.ts')}\n\n**Tests**: \`laws\` covers \`a.ts\`.\n`, 'rules/a.ts': RULE },
    says: /^rules\/README\.md: of tests it names `laws`/m,
  },
  { what: 'no file', files: {}, says: /there is no file of ours/ },
]

test.each(HEAPS)('the check of folders fails with $what', async ({ files, says }) => {
  const folder = await checkout(files)
  const { code, output } = await run(process.execPath, [FOLDERS, folder], folder)
  expect(output).toMatch(says)
  expect(code).toBe(1)
})

test('the check of folders passes with what is explained, and with tests and generated files', async () => {
  const folder = await checkout({
    'README.md': '| folder | holds |\n| --- | --- |\n| `rules/`, `test/` | x |\n',
    [RULES]: `${explaining(...numbered(3).map((name) => `deep/${name}`), 'abi.ts', 'told.ts')}\n\n**Tests**: \`rule-0\` covers \`told.ts\`.\n`,
    ...emptyFiles('rules/deep', numbered(2)),
    ...{ 'rules/told.ts': RULE, 'rules/deep/rule-2.ts': RULE, 'test/rules/deep/rule-2.test.ts': '' },
    'rules/abi.ts': `// Written by a program.\n${'x\n'.repeat(301)}`,
    ...emptyFiles('test/rules', [...numbered(15), 'rule-0.test.ts']),
  })
  expect(await run(process.execPath, [FOLDERS, folder], folder)).toMatchObject({
    code: 0,
    output: expect.stringContaining('6 folders'),
  })
})
