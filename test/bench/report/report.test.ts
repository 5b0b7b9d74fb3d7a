import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { outdated, writeReport } from '../../../bench/report/report.ts'
import type { Measurement } from '../../../bench/report/result.ts'
import { summarize } from '../../../bench/report/summary.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

test('the document says what the kept results say: `npm run bench -- report` writes it', () => {
  expect(outdated(ROOT)).toEqual([])
})

test('tables and plots get to their place, and hand-written prose stays', async () => {
  const root = await checkout({ small: measurement() })
  expect(writeReport(root)).toEqual(['docs/performance.md', 'docs/plots/small-ms-by-accounts.svg'])
  expect(read(root, 'docs/performance.md')).toMatchInlineSnapshot(`
    "# Performance

    First words.

    <!-- bench: small -->

    \`npm run bench -- small\`, 2026-11-30, at def5678: nothing is measured.

    One round, each of this build and of abc1234, on abacus, 2 cores, 1 GiB, wood, Node v24, beads 1.0; load 0.5 before, 1.5
    after.

    | figure | median | range | at abc1234 | ratio |
    | --- | --- | --- | --- | --- |
    | ms a batch, 4 accounts | 10 | 10 to 10 | 20 | 0.500 |
    | ms a batch, 1,000 accounts | 12 | 12 to 12 | - | - |

    ![small one: ms by accounts](plots/small-ms-by-accounts.svg)

    <!-- end of bench: small -->

    Last words.
    "
  `)
  const svg = read(root, 'docs/plots/small-ms-by-accounts.svg')
  expect(svg).toMatch(/^<svg width="760" height="440"/)
  for (const text of ['ms a batch', 'ms a batch, at abc1234', '>accounts<', '>small one: ms by accounts<'])
    expect(svg).toContain(text)
})

test('the same results give the same bytes, also in a process that has drawn others', async () => {
  const [one, other] = [await checkout({ small: measurement() }), await checkout({ small: measurement() })]
  writeReport(one)
  writeReport(await checkout({ named: measurement({ 'ms p50, prover': 3, 'ms p50, Postgres': 5 }) }))
  writeReport(other)
  expect(all(other)).toEqual(all(one))
})

test('a circumstance that is no number makes bars; a single one, or none, makes no plot', async () => {
  const figures = { 'ms p50, prover': 3, 'ms p50, Postgres': 5, 'MiB, aggregator': 9, 'proofs a second': 7 }
  const root = await checkout({ named: measurement(figures) })
  expect(writeReport(root)).toEqual(['docs/performance.md', 'docs/plots/named-ms-by-what-it-is-of.svg'])
  expect(read(root, 'docs/plots/named-ms-by-what-it-is-of.svg')).toContain('>Postgres<')
})

test.each([
  {
    what: 'the generated part',
    edit: edit('docs/performance.md', '| ms a batch, 4 accounts | 10 |', '| faster | 1 |'),
  },
  { what: 'a plot', edit: edit('docs/plots/small-ms-by-accounts.svg', 'ms a batch', 'ms') },
  { what: 'a result', edit: edit('bench/results/small.json', '"median": 10', '"median": 1') },
])('who edits $what is found out', async ({ edit }) => {
  const root = await checkout({ small: measurement() })
  writeReport(root)
  expect(outdated(root)).toEqual([])
  edit(root)
  expect(outdated(root)).not.toEqual([])
})

test('a plot that nobody asks for any more is outdated, and taken away', async () => {
  const root = await checkout({ small: measurement() })
  writeReport(root)
  writeFileSync(join(root, 'docs/plots/old.svg'), '<svg/>')
  expect(outdated(root)).toEqual(['docs/plots/old.svg'])
  writeReport(root)
  expect(readdirSync(join(root, 'docs/plots'))).toEqual(['small-ms-by-accounts.svg'])
})

test.each([
  { what: 'no mark', document: '# Performance\n' },
  { what: 'no end', document: '<!-- bench: small -->\n' },
  { what: 'the end first', document: '<!-- end of bench: small -->\n<!-- bench: small -->\n' },
  { what: 'two places', document: place('small') + place('small') },
  { what: 'a place without results', document: place('small') + place('gone') },
])('a document with $what is refused', async ({ document }) => {
  const root = await checkout({ small: measurement() })
  writeFileSync(join(root, 'docs/performance.md'), document)
  expect(() => writeReport(root)).toThrow(expect.objectContaining({ code: 'ZKPOW-BENCH-PLACE' }))
  expect(read(root, 'docs/performance.md')).toBe(document)
})

function measurement(figures?: Record<string, number>): Measurement {
  const rounds = figures
    ? [{ ours: figures, theirs: null }]
    : [
        {
          ours: { 'ms a batch, 4 accounts': 10, 'ms a batch, 1,000 accounts': 12 },
          theirs: { 'ms a batch, 4 accounts': 20 },
        },
      ]
  return {
    ...{ format: 1, benchmark: 'small one', method: 'nothing is measured', command: 'npm run bench -- small' },
    date: '2026-11-30',
    machine: {
      ...{ cpu: 'abacus', cores: 2, memoryGiB: 1, system: 'wood', node: 'v24', versions: { beads: '1.0' } },
      ...{ revision: 'def5678', loadBefore: 0.5 },
    },
    ...{ loadAfter: 1.5, settings: {}, against: figures ? null : 'abc1234', rounds, summary: summarize(rounds) },
  }
}

function place(name: string): string {
  return `<!-- bench: ${name} -->\n<!-- end of bench: ${name} -->\n`
}

async function checkout(results: Record<string, Measurement>): Promise<string> {
  const root = await scratchFolder()
  for (const folder of ['bench/results', 'docs']) mkdirSync(join(root, folder), { recursive: true })
  for (const [name, result] of Object.entries(results))
    writeFileSync(join(root, `bench/results/${name}.json`), JSON.stringify(result, null, 2))
  const places = Object.keys(results).map(place).join('\nSome prose.\n\n')
  writeFileSync(join(root, 'docs/performance.md'), `# Performance\n\nFirst words.\n\n${places}\nLast words.\n`)
  return root
}

function edit(file: string, from: string, to: string): (root: string) => void {
  return (root) => {
    const before = read(root, file)
    const after = before.replace(from, to)
    if (after === before) throw new Error(`${file} doesn't say ${from}.`)
    writeFileSync(join(root, file), after)
  }
}

const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')

const all = (root: string): string[] =>
  ['docs/performance.md', ...readdirSync(join(root, 'docs/plots')).map((name) => `docs/plots/${name}`)].map((file) =>
    read(root, file),
  )
