/** `npm run bench -- <name>`: measures one thing, here and now. */
import { writeFile } from 'node:fs/promises'
import { Argument, Command } from 'commander'
import { parseCount } from '../client/options.ts'
import { exitWithError } from '../dev/exit-with-error.ts'
import { BENCHMARKS, type Benchmark } from './benchmark.ts'
import { type Build, measureIn, THIS_BUILD, withRevision } from './builds.ts'
import { describeMachine } from './machine.ts'
import { type Round, summarize, tableOf } from './summary.ts'

interface Options {
  json?: string
  against?: string
  rounds: number
  once: boolean
}

const command = new Command('npm run bench --')
  .description('Measures what zkpow spends beside proving. Leave the machine alone meanwhile.')
  .addArgument(new Argument('<name>', 'what to measure').choices(BENCHMARKS.map(({ name }) => name)))
  .option('--json <file>', 'writes machine, rounds and summary')
  .option('--against <revision>', 'measures that build, too: in turn with this one, each in a process of its own')
  .option('--rounds <n>', 'how often', parseCount, 5)
  .option('--once', 'one measurement in this process; prints its figures as JSON and nothing else', false)
  .action(async (name: string, options: Options) => {
    const benchmark = BENCHMARKS.find((one) => one.name === name)
    if (benchmark === undefined) throw new Error(`There is no benchmark ${name}.`)
    if (options.once) console.log(JSON.stringify(await benchmark.measure()))
    else await compare(benchmark, options)
  })

await command.parseAsync().catch(exitWithError)

async function compare(benchmark: Benchmark, { json, against, rounds }: Options): Promise<void> {
  const machine = describeMachine()
  const measured =
    against === undefined
      ? await measureRounds(benchmark, rounds, null)
      : await withRevision(against, (other) => measureRounds(benchmark, rounds, other))
  const summary = summarize(measured)
  console.log(`${benchmark.name}: ${benchmark.method}`)
  console.log(
    Object.entries(machine)
      .map(([what, is]) => `${what} ${is}`)
      .join(', '),
  )
  console.log(`${measured.length} rounds${against === undefined ? '' : `, each of this build and of ${against}`}`)
  for (const line of tableOf(summary, against ?? null)) console.log(line)
  if (json !== undefined)
    await writeFile(
      json,
      JSON.stringify({ benchmark: benchmark.name, machine, against, rounds: measured, summary }, null, 2),
    )
}

async function measureRounds({ name }: Benchmark, count: number, other: Build | null): Promise<Round[]> {
  const rounds: Round[] = []
  for (let i = 0; i < count; i++) {
    // Who goes first changes, so that a machine that grows slower favours neither.
    const theirsFirst = other !== null && i % 2 === 1 ? await measureIn(other, name) : null
    const ours = await measureIn(THIS_BUILD, name)
    rounds.push({ ours, theirs: theirsFirst ?? (other === null ? null : await measureIn(other, name)) })
  }
  return rounds
}
