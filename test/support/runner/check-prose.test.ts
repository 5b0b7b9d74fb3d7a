import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkout, run } from './run.ts'

const PROSE = fileURLToPath(new URL('../../../dev/checks/prose.ts', import.meta.url))

/** Put together here: links in code have to lead somewhere. */
const RULES = `rules/README.${'md'}`
const words = (count: number) => 'word '.repeat(count).trim()
const doc = (text: string) => ({ [RULES]: `Rules.\n\n${text}\n` })
/** As wide as a line may be, to the column. */
const WIDE = `${words(24)}s`

/** Texts that are hard to read, and what the check of prose says of them. */
const HARD: { what: string; files: Record<string, string>; says: RegExp }[] = [
  {
    what: 'a bullet of 100 words',
    files: doc(filled('* ', 100)),
    says: /^rules\/README\.md:3: a bullet of 100 words/m,
  },
  {
    what: 'an inner bullet of 100 words',
    files: doc(`* outer\n${filled('  1. ', 100)}`),
    says: /^rules\/README\.md:4: a bullet of 100 words/m,
  },
  { what: 'a row of 700 characters', files: doc(row(700)), says: /^rules\/README\.md:3: a row of 700 characters/m },
  { what: 'a line of 121 columns', files: doc(`a${WIDE}`), says: /^rules\/README\.md:3: 121 columns/m },
  { what: 'a heading of 121 columns', files: doc(`# ${WIDE}`), says: /^rules\/README\.md:3: 122 columns/m },
  { what: 'a comment', files: { ...doc(''), 'a.ts': `  // ${WIDE}` }, says: /^a\.ts:1: 125 columns/m },
  {
    what: 'a comment behind code',
    files: { ...doc(''), 'a.ts': `f('//') // ${WIDE}` },
    says: /^a\.ts:1: 131 columns/m,
  },
  { what: 'a line of a block', files: { ...doc(''), 'a.sol': `/*\n * ${WIDE}\n */` }, says: /^a\.sol:2: 123 columns/m },
  { what: 'a comment of a circuit', files: { ...doc(''), 'a.nr': `/// ${WIDE}` }, says: /^a\.nr:1: 124 columns/m },
  {
    what: 'a comment of settings',
    files: { ...doc(''), 'a.yaml': `a: 1 # ${WIDE}` },
    says: /^a\.yaml:1: 127 columns/m,
  },
  {
    what: 'a heading among code',
    files: { ...doc(''), 'a.ts': 'f()\n\n// Helpers\n\n  //\n  // Two words.\nf()' },
    says: /^a\.ts:3: a comment of 1 words.*\na\.ts:5: a comment of 2 words/m,
  },
  { what: 'no document', files: { 'a.ts': '' }, says: /^no document is found/m },
]

test.each(HARD)('the check of prose fails with $what', async ({ files, says }) => {
  const folder = await checkout(files)
  const { code, output } = await run(process.execPath, [PROSE, folder], folder)
  expect(output).toMatch(says)
  expect(code).toBe(1)
})

test('the check of prose passes with what is just short enough, and with what nobody can break', async () => {
  const address = `https://example.org/${'x'.repeat(120)}`
  const folder = await checkout({
    ...doc(
      [filled('* ', 99), '', row(699), '', WIDE, '', `* <${address}>`, '', '```', WIDE.repeat(2), '```'].join('\n'),
    ),
    'a.ts': [`// ${WIDE}`.slice(0, 120), `/** ${address} */`, `f('http://${WIDE}', \`${WIDE}\`)`].join('\n'),
    'b.ts': 'f() // trailing\n// This says why\n// so.\nf()\n// It ends here.',
    'b.sol': `// Written by a program.\n// ${WIDE}`,
    'c.toml': `# ${WIDE}`,
  })
  expect(await run(process.execPath, [PROSE, folder], folder)).toMatchObject({
    code: 0,
    output: expect.stringContaining('1 documents and the comments of 3 files'),
  })
})

/** Writes a bullet in lines that are short enough. */
function filled(bullet: string, count: number): string {
  const lines = Array.from({ length: Math.ceil(count / 20) }, (_, i) => words(Math.min(20, count - 20 * i)))
  return bullet + lines.join(`\n${' '.repeat(bullet.length)}`)
}

function row(characters: number): string {
  return `|${' x'.repeat(characters)}`.slice(0, characters)
}
