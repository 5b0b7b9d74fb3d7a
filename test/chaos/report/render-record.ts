import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { renderBreakages, renderRun } from './record.ts'

const DOCUMENT = fileURLToPath(new URL('../../../docs/reliability/record.md', import.meta.url))

const { run, breakages } = new Command('render-record')
  .description('write the figures of recorded runs into docs/reliability/record.md')
  .option('--run <file>', 'what `npm run chaos -- --record <file>` wrote')
  .option('--breakages <file>', 'what `npm run chaos:break -- --record <file>` wrote')
  .parse()
  .opts<{ run?: string; breakages?: string }>()

let text = await readFile(DOCUMENT, 'utf8')
if (run !== undefined) text = between(text, 'run', renderRun(await readLines(run), { cores: availableParallelism() }))
if (breakages !== undefined) text = between(text, 'breakages', renderBreakages(await readLines(breakages)))
await writeFile(DOCUMENT, text)

async function readLines<T>(file: string): Promise<T[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

function between(whole: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [first, last] = [whole.indexOf(begin), whole.indexOf(end)]
  if (first === -1 || last === -1) throw new Error(`docs/reliability/record.md has no place for ${name}.`)
  return `${whole.slice(0, first + begin.length)}\n${content}\n${whole.slice(last)}`
}
