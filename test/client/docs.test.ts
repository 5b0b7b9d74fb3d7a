import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import project from '../../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFile(join(ROOT, file), 'utf8')

test.each([
  { file: 'protocol/sequence/commit-gate.ts', type: 'GateCondition' },
  { file: 'protocol/sequence/next-step.ts', type: 'WaitCode' },
  { file: 'protocol/sequence/next-step.ts', type: 'Outcome' },
])("the operator's guide explains every $type", async ({ file, type }) => {
  const declared = /'([a-z-]+)'/g
  const union = new RegExp(`export type ${type} =([^/{]*)`).exec(await read(file))?.[1] ?? ''
  const codes = [...union.matchAll(declared)].map(([, code]) => code)
  const guide = await read('docs/operator.md')
  expect(codes).not.toHaveLength(0)
  for (const code of codes) expect(guide, code).toContain(`\`${code}\``)
})

test('every code in the guide exists', async () => {
  const rules = (await read('protocol/sequence/commit-gate.ts')) + (await read('protocol/sequence/next-step.ts'))
  const table = [...(await read('docs/operator.md')).matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)
  expect(table.length).toBeGreaterThan(10)
  for (const code of table) expect(rules, code).toContain(`'${code}'`)
})

test('the guide lists the commands that there are', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'client/zkpow.ts'), '--help'])
  const [, list = ''] = stdout.split('Commands:')
  const commands = [...list.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, command]) =>
    command === 'help' ? [] : [command],
  )
  const listed = [...(await read('docs/operator.md')).matchAll(/^\| `zkpow ([a-z-]+)/gm)].map(([, command]) => command)
  expect(listed.sort()).toEqual(commands.sort())
}, 60_000)

test('every `npm run` that a text names exists', async () => {
  const files = globSync(['*.md', '{docs,dev,test,circuits,contracts,client}/**/*.md'], { cwd: ROOT })
  const texts = await Promise.all(files.map(read))
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => `${name}`)))
  expect(named.size).toBeGreaterThan(3)
  expect([...named].filter((name) => !(name in project.scripts))).toEqual([])
})
