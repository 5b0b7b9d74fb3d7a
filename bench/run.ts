/** `npm run bench -- <name>`: measures one thing, here and now. `report` puts what was kept into the documents. */
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { parseCount } from '../client/options.ts'
import { exitWithError } from '../dev/exit-with-error.ts'
import { BENCHMARKS, type Benchmark } from './benchmark.ts'
import { type Build, measureIn, THIS_BUILD, withRevision } from './builds.ts'
import { describeMachine, loadNow } from './machine.ts'
import { describeMeasurement, type Measurement, RESULT_FORMAT } from './report/result.ts'
import { type Round, summarize, tableOf } from './report/summary.ts'

interface Options {
  json?: string
  against?: string
  rounds: number
  once: boolean
}

type Settings = Readonly<Record<string, number>>

const program = new Command('npm run bench --').description(
  'Measures what zkpow spends beside proving. Leave the machine alone meanwhile.',
)
for (const benchmark of BENCHMARKS) program.addCommand(commandOf(benchmark))
program
  .command('report')
  .description('puts tables and plots of bench/results/ into docs/performance.md')
  .action(async () => {
    const { writeReport } = await import('./report/report.ts') // a library for plots is nothing to measure with
    for (const file of writeReport()) console.log(file)
  })
await program.parseAsync().catch(exitWithError)

function commandOf(benchmark: Benchmark): Command {
  const command = new Command(benchmark.name)
    .description(benchmark.method)
    .option('--json <file>', 'writes machine, rounds and summary')
    .option('--against <revision>', 'measures that build, too: in turn with this one, each in a process of its own')
    .option('--rounds <n>', 'how often', parseCount, benchmark.rounds ?? 5)
    .option('--once', 'one measurement in this process; prints its figures as JSON and nothing else', false)
  const own = Object.entries(benchmark.settings ?? {})
  for (const [name, setting] of own) command.option(`--${name} <n>`, setting.what, parseCount, setting.default)
  return command.action(async (options: Options & Settings) => {
    const settings = Object.fromEntries(own.map(([name]) => [name, options[name]])) as Settings
    if (options.once) console.log(JSON.stringify(await benchmark.measure(settings)))
    else await compare(benchmark, settings, options)
  })
}

async function compare(
  benchmark: Benchmark,
  settings: Settings,
  { json, against, rounds: count }: Options,
): Promise<void> {
  const machine = describeMachine()
  const measure = (other: Build | null) => measureRounds(benchmark, settings, { count, other })
  const rounds =
    against === undefined ? await measure(null) : await withRevision(against, benchmark.replaces ?? [], measure)
  const measurement: Measurement = {
    ...{ format: RESULT_FORMAT, benchmark: benchmark.name, method: benchmark.method, command: commandLine() },
    ...{ date: new Date().toISOString().slice(0, 10), machine, loadAfter: loadNow(), settings },
    ...{ against: against ?? null, rounds, summary: summarize(rounds) },
  }
  for (const line of describeMeasurement(measurement)) console.log(line)
  if (against !== undefined && benchmark.replaces !== undefined)
    console.log(`${against} is measured with ${benchmark.replaces.join(', ')} of this build in place of its own.`)
  for (const line of tableOf(measurement.summary, measurement.against)) console.log(line)
  if (json !== undefined) await writeFile(json, `${JSON.stringify(measurement, null, 2)}\n`)
}

async function measureRounds(
  benchmark: Benchmark,
  settings: Settings,
  { count, other }: { count: number; other: Build | null },
): Promise<Round[]> {
  const program = programOf(benchmark, settings)
  const rounds: Round[] = []
  for (let i = 0; i < count; i++) {
    // The builds take turns in going first, so that a machine that grows slower favours neither.
    const theirsFirst = other !== null && i % 2 === 1 ? await measureIn(other, program) : null
    const ours = await measureIn(THIS_BUILD, program)
    rounds.push({ ours, theirs: theirsFirst ?? (other === null ? null : await measureIn(other, program)) })
  }
  return rounds
}

/**
 * Names the program that measures once. An older build knows neither all benchmarks of this one, nor all their imports.
 */
function programOf({ name, replaces, settings: known }: Benchmark, settings: Settings): [string, ...string[]] {
  if (replaces !== undefined) return ['load/once.ts', name, JSON.stringify(settings)]
  // An older build needs to know no option that has its default.
  const chosen = Object.entries(settings).filter(([setting, value]) => known?.[setting]?.default !== value)
  return ['run.ts', name, ...chosen.flatMap(([setting, value]) => [`--${setting}`, `${value}`]), '--once']
}

/** Tells what was typed, but for where the figures go. */
function commandLine(): string {
  const args = process.argv.slice(2)
  const isKept = (arg: string, i: number) => !arg.startsWith('--json') && args[i - 1] !== '--json'
  return ['npm run bench --', ...args.filter(isKept)].join(' ')
}
