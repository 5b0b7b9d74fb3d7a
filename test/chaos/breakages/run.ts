import { spawn } from 'node:child_process'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { drawPlan } from '../plans/draw-plan.ts'
import type { Plan } from '../plans/plan.ts'
import type { RecordedBreakage } from '../report/record.ts'
import type { Breakage } from './breakage.ts'
import { BREAKAGES } from './breakages.ts'
import { patched, readSource, withBrokenTree } from './broken-tree.ts'

/** Plans are cheap to draw: one of these suits. */
const MAX_SEED = 20_000

const options = new Command('chaos-breakages')
  .description('break guarantees on purpose in copies of the tree, and see that the harness notices each')
  .addArgument(new Argument('[names...]', 'by default all').choices(BREAKAGES.map(({ name }) => name)))
  .option('--record <file>', 'append a line of JSON for each breakage')
  .option('--verbose', 'show what the harness says', false)
  .parse()
const { record, verbose } = options.opts<{ record?: string; verbose: boolean }>()
const chosen = BREAKAGES.filter(({ name }) => options.args.length === 0 || options.args.includes(name))

// Twenty minutes are no time to find out that the last one's code has moved.
for (const patch of chosen.flatMap(({ patches }) => patches)) patched(readSource(patch.file), patch)

let missed = 0
for (const breakage of chosen) {
  const result = await withBrokenTree(breakage, (folder) => attempt(breakage, folder))
  if (result.caught === null) missed += 1
  if (record !== undefined) await appendFile(record, `${JSON.stringify(result)}\n`)
  const verdict =
    result.caught === null
      ? `NOT CAUGHT by ${result.seedsTried} seeds`
      : `caught by ${result.caught.seed === 0 ? 'a plan of its own' : `seed ${result.caught.seed}`}: ${result.caught.violation}`
  console.log(`${breakage.name}: ${verdict}`)
}
process.exit(missed === 0 ? 0 : 1)

/** Tries one plan after the other, until one notices. */
async function attempt(breakage: Breakage, folder: string): Promise<RecordedBreakage> {
  const { name, what, only, caughtBy } = breakage
  const described = { name, what, ...(only && { only }) }
  const plans = breakage.plans ?? drawnPlans(breakage)
  for (const [i, plan] of plans.entries()) {
    const violation = (await violationsOf(folder, plan)).find((one) => caughtBy.test(one))
    if (violation !== undefined) return { ...described, caught: { seed: plan.seed, violation }, seedsTried: i + 1 }
  }
  return { ...described, caught: null, seedsTried: plans.length }
}

function drawnPlans({ only, suits = () => true, seeds = 3 }: Breakage): Plan[] {
  const found: Plan[] = []
  for (let seed = 1; seed <= MAX_SEED && found.length < seeds; seed++) {
    const plan = drawPlan(seed, only)
    if (suits(plan)) found.push(plan)
  }
  return found
}

async function violationsOf(folder: string, plan: Plan): Promise<string[]> {
  const [planFile, file] = [join(folder, 'plan.json'), join(folder, 'record.jsonl')]
  await writeFile(planFile, JSON.stringify(plan))
  const stdio = verbose ? 'inherit' : 'ignore'
  const child = spawn(process.execPath, ['test/chaos/run.ts', '--plan', planFile, '--record', file], {
    cwd: folder,
    stdio,
  })
  await new Promise((resolve) => child.once('close', resolve))
  const [last = '{}'] = (await readFile(file, 'utf8')).trim().split('\n').reverse()
  const { violations, dataDir } = JSON.parse(last) as { violations: string[]; dataDir: string }
  await rm(dataDir, { recursive: true, force: true }) // we know why it failed
  return violations
}
