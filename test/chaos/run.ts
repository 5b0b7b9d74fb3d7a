import { appendFile, readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { namesOf, wholeNumber } from './arguments.ts'
import { CI_SEEDS } from './ci-seeds.ts'
import { describePlan } from './describe-plan.ts'
import { drawPlan, PLANNED_NAMES, type Plan } from './plan.ts'
import { prepare } from './prepared.ts'
import { runSeed, type SeedResult } from './run-seed.ts'
import { failuresOf, missed, resultLines, summaryLine, summaryTable } from './summary.ts'

const options = new Command('chaos')
  .description('run drawn plans of faults and rivals against the real stack, and check what must hold')
  .option('--seeds <n>', 'how many seeds, from --seed on', wholeNumber(1), 1)
  .option('--seed <s>', 'the first seed', wholeNumber(0), 1)
  .option('--ci', 'the fixed seeds that meet every fault and rival once', false)
  .option('--only <names>', `comma-separated, of: ${PLANNED_NAMES.join(', ')}`, namesOf(PLANNED_NAMES))
  .option('--jobs <j>', 'how many seeds at once: they mostly wait', wholeNumber(1), 1)
  .option('--quiet', 'print plans and timelines of failing seeds only; so it is with several jobs', false)
  .option('--plan <file>', 'a plan as JSON, as a record has them, instead of seeds')
  .option('--record <file>', 'append a line of JSON for each seed')
  .parse()
  .opts<{ seeds: number; seed: number; ci: boolean; only?: string[]; jobs: number; quiet: boolean; plan?: string; record?: string }>()

const plans = await plansOf(options)
const isQuiet = options.quiet || options.jobs > 1
const prepared = await prepare()
const startedAt = performance.now()
const results: SeedResult[] = []
const waiting = [...plans]
let planned = plans.length

await workAll()
if (options.ci) {
  // What a fault meets is a matter of moments, and those depend on the machine: once more, and then it is the plan's fault.
  const unmet = missed(results)
  const again = plans.filter(({ faults, habits }) => [...faults.map(({ name }) => name), ...habits].some((name) => unmet.includes(name)))
  waiting.push(...again)
  planned += again.length
  await workAll()
}
const minutes = (performance.now() - startedAt) / 60_000
console.log(summaryTable(results))
console.log(`${summaryLine(results)}; ${minutes.toFixed(1)} minutes, ${(results.length / minutes).toFixed(1)} seeds a minute`)
const failures = failuresOf(results, { isCi: options.ci })
for (const failure of failures) console.log(failure)
process.exit(failures.length === 0 ? 0 : 1)

async function workAll(): Promise<void> {
  await Promise.all(Array.from({ length: options.jobs }, work))
}

async function work(): Promise<void> {
  for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) await carryOut(plan)
}

async function carryOut(plan: Plan): Promise<void> {
  if (!isQuiet) console.log(describePlan(plan).join('\n'))
  const result = await runSeed(plan, prepared, isQuiet ? () => {} : console.log)
  results.push(result)
  if (options.record !== undefined) await appendFile(options.record, `${JSON.stringify({ ...result, endedAt: new Date() })}\n`)
  if (isQuiet && result.violations.length > 0) console.log([...describePlan(plan), ...result.timeline].join('\n'))
  console.log(`[${results.length}/${planned}] ${resultLines(result).join('\n')}`)
}

async function plansOf({ plan, seed, seeds, ci, only }: typeof options): Promise<Plan[]> {
  if (plan !== undefined) return [JSON.parse(await readFile(plan, 'utf8'))]
  const drawn = ci ? CI_SEEDS : Array.from({ length: seeds }, (_, i) => seed + i)
  return drawn.map((one) => drawPlan(one, only))
}
