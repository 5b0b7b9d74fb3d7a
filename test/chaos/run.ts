import { appendFile, readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { exitWithError } from '../../dev/exit-with-error.ts'
import { whyNoGeth } from '../../dev/stack/nodes/geth-cache.ts'
import { namesOf, wholeNumber } from './arguments.ts'
import { NODE_NAMES, type NodeName } from './nodes/names.ts'
import { drawPlanFor, unplayable } from './nodes/plan-for.ts'
import { CI_SEEDS, CI_SEEDS_ON_GETH } from './plans/ci-seeds.ts'
import { describePlan } from './plans/describe-plan.ts'
import { PLANNED_NAMES, type Plan } from './plans/plan.ts'
import { failuresOf, missed, resultLines, summaryLine, summaryTable } from './report/summary.ts'
import { runSeed, type SeedResult } from './run-seed.ts'
import { prepare } from './world/prepared.ts'

const command = new Command('chaos')
  .description('run drawn plans of faults and rivals against the real stack, and check what must hold')
  .option('--seeds <n>', 'how many seeds, from --seed on', wholeNumber(1), 1)
  .option('--seed <s>', 'the first seed', wholeNumber(0), 1)
  .option('--ci', 'the fixed seeds that meet every fault and rival once', false)
  .addOption(
    new Option(
      '--node <which>',
      'whose chain; --ci takes both where it is left out, and anvil is the default else',
    ).choices(NODE_NAMES),
  )
  .option('--only <names>', `comma-separated, of: ${PLANNED_NAMES.join(', ')}`, namesOf(PLANNED_NAMES))
  .option('--jobs <j>', 'how many seeds at once: they mostly wait', wholeNumber(1), 1)
  .option('--quiet', 'print plans and timelines of failing seeds only; so it is with several jobs', false)
  .option('--plan <file>', 'a plan as JSON, as a record has them, instead of seeds')
  .option('--record <file>', 'append a line of JSON for each seed')
  .parse()
const options = command.opts<{
  seeds: number
  seed: number
  ci: boolean
  node?: NodeName
  only?: string[]
  jobs: number
  quiet: boolean
  plan?: string
  record?: string
}>()

const unplayed = (options.only ?? []).filter((name) => unplayable(options.node ?? 'anvil').includes(name))
if (unplayed.length > 0) command.error(`Only anvil can play these: ${unplayed.join(', ')}.`)
const plans = await plansOf(options)
const isQuiet = options.quiet || options.jobs > 1
const prepared = await prepare().catch(giveUp)
const startedAt = performance.now()
const results: SeedResult[] = []
const waiting = [...plans]
let planned = plans.length

await workAll()
if (options.ci && options.node !== 'geth') {
  // What a fault meets is a matter of moments, and those depend on the machine. So it gets one more try, and then the
  // plan is to blame.
  const unmet = missed(results)
  const again = plans.filter(({ faults, habits }) =>
    [...faults.map(({ name }) => name), ...habits].some((name) => unmet.includes(name)),
  )
  waiting.push(...again)
  planned += again.length
  await workAll()
}
const minutes = (performance.now() - startedAt) / 60_000
console.log(summaryTable(results))
console.log(
  `${summaryLine(results)}; ${minutes.toFixed(1)} minutes, ${(results.length / minutes).toFixed(1)} seeds a minute`,
)
const failures = failuresOf(results, { isCi: options.ci && options.node !== 'geth' })
for (const failure of failures) console.log(failure)
process.exit(failures.length === 0 ? 0 : 1)

/** Says why no seed can be run, as where a disk is full, and ends. */
function giveUp(error: unknown): never {
  exitWithError(error)
  process.exit()
}

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
  if (options.record !== undefined)
    await appendFile(options.record, `${JSON.stringify({ ...result, endedAt: new Date() })}\n`)
  if (isQuiet && result.violations.length > 0) console.log([...describePlan(plan), ...result.timeline].join('\n'))
  console.log(`[${results.length}/${planned}] ${resultLines(result).join('\n')}`)
}

async function plansOf({ plan, seed, seeds, ci, node, only }: typeof options): Promise<Plan[]> {
  if (plan !== undefined) return [JSON.parse(await readFile(plan, 'utf8'))]
  if (ci) return ciPlans(node, only)
  return Array.from({ length: seeds }, (_, i) => drawPlanFor(node ?? 'anvil', seed + i, only))
}

/**
 * Draws the fixed seeds. Where no node is asked for by name, those on geth are left out with a word on machines that
 * can't have it.
 */
async function ciPlans(node: NodeName | undefined, only: string[] | undefined): Promise<Plan[]> {
  const whyNot = node === undefined ? await whyNoGeth() : undefined
  if (whyNot !== undefined) console.log(`The seeds on geth are left out: ${whyNot}.`)
  const onAnvil = node === 'geth' ? [] : CI_SEEDS
  const onGeth = node === 'anvil' || whyNot !== undefined ? [] : CI_SEEDS_ON_GETH
  return [
    ...onAnvil.map((seed) => drawPlanFor('anvil', seed, only)),
    ...onGeth.map((seed) => drawPlanFor('geth', seed, only)),
  ]
}
