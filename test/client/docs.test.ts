import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import project from '../../package.json' with { type: 'json' }
import { nodesRefusalText, REFUSALS } from '../../protocol/sender/nodes-answer.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFile(join(ROOT, file), 'utf8')
const readAll = async (pattern: string) => Promise.all(globSync(pattern, { cwd: ROOT }).map(read))
const readGuide = async () => (await readAll('docs/operate/*.md')).join('\n')

test.each([
  { file: 'protocol/sequence/gate-conditions.ts', type: 'GateCondition' },
  { file: 'protocol/sequence/next-step.ts', type: 'WaitCode' },
  { file: 'protocol/sequence/next-step.ts', type: 'Outcome' },
])("the operator's guide explains every $type", async ({ file, type }) => {
  const declared = /'([a-z-]+)'/g
  const union = new RegExp(`export type ${type} =([^/{]*)`).exec(await read(file))?.[1] ?? ''
  const codes = [...union.matchAll(declared)].map(([, code]) => code)
  const guide = await readGuide()
  expect(codes).not.toHaveLength(0)
  for (const code of codes) expect(guide, code).toContain(`\`${code}\``)
})

test('every code in the guide exists', async () => {
  const rules = (await read('protocol/sequence/gate-conditions.ts')) + (await read('protocol/sequence/next-step.ts'))
  const table = [...(await readGuide()).matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)
  expect(table.length).toBeGreaterThan(10)
  for (const code of table) expect(rules, code).toContain(`'${code}'`)
})

test('the guide explains every refusal of nodes', async () => {
  const guide = await readGuide()
  for (const refusal of REFUSALS) expect(guide).toContain(nodesRefusalText(refusal)?.replace(/^.*?: /, ''))
})

test('what the guide has programs say is what they say', async () => {
  const code = await readAll('{activities,chain,client,db,protocol,provers,workers,workflows}/**/*.ts')
  const texts = code.map((text) => text.replaceAll(/\\(['`])/g, '$1'))
  const said = wordsIn(await readGuide())
  expect(said.length).toBeGreaterThan(50)
  expect(said.filter((words) => !texts.some((text) => says(text, words)))).toEqual([])
})

test('every `npm run` that a text names exists', async () => {
  const files = globSync(['*.md', '{docs,dev,test,circuits,contracts,client}/**/*.md'], { cwd: ROOT })
  const texts = await Promise.all(files.map(read))
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => `${name}`)))
  expect(named.size).toBeGreaterThan(3)
  expect([...named].filter((name) => !(name in project.scripts))).toEqual([])
})

/** Finds what the guide quotes: whole lines behind `>`, and the first column of tables that is headed "it says". */
function wordsIn(guide: string): string[] {
  const quoted = [...guide.matchAll(/^> (.*)$/gm)].flatMap(([, words = '']) => words)
  const tables = guide.split(/\n(?!\|)/).filter((block) => /^(.*\n)?\| it says \|/.test(block))
  const inTables = tables.flatMap((table) =>
    table.split('\n').flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[^`]+(?=`)/g) ?? []),
  )
  return [...quoted, ...inTables].filter((words) => words !== ', ')
}

/** Tells whether a source has all of it in this order; `…` stands for what differs. */
function says(text: string, words: string): boolean {
  let from = 0
  return words.split('…').every((part) => {
    const at = text.indexOf(part.trim(), from)
    from = at + part.trim().length
    return at >= 0
  })
}
