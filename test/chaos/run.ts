import { Command } from 'commander'
import { describePlan, drawPlan, FAULT_NAMES, RIVAL_NAMES } from './plan.ts'
import { runSeed, type SeedResult } from './run-seed.ts'
import { summaryLine, summaryTable } from './summary.ts'

const number = (text: string) => Number.parseInt(text, 10)

const options = new Command('chaos')
  .description('run drawn plans of faults and rivals against the real stack, and check what must hold')
  .option('--seeds <n>', 'how many seeds, from --seed on', number, 1)
  .option('--seed <s>', 'the first seed', number, 1)
  .option('--only <names>', `comma-separated, of: ${[...FAULT_NAMES, ...RIVAL_NAMES].join(', ')}`, (text) => text.split(','))
  .option('--quiet', 'print plans and timelines of failing seeds only', false)
  .parse()
  .opts<{ seeds: number; seed: number; only?: string[]; quiet: boolean }>()

const results: SeedResult[] = []
for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
  const plan = drawPlan(seed, options.only)
  if (!options.quiet) console.log(describePlan(plan).join('\n'))
  const result = await runSeed(plan, options.quiet ? () => {} : console.log)
  results.push(result)
  const isGood = result.violations.length === 0
  if (!isGood && options.quiet) console.log([...describePlan(plan), ...result.timeline].join('\n'))
  for (const violation of result.violations) console.log(`  VIOLATED  ${violation}`)
  console.log(`seed ${seed}: ${isGood ? 'all holds' : 'FAILED'} after ${(result.durationMs / 1000).toFixed(0)} s\n`)
}
console.log(summaryTable(results))
console.log(summaryLine(results))
process.exit(results.every(({ violations }) => violations.length === 0) ? 0 : 1)
