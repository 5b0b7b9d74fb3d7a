import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { type FaultName, faultOf } from './faults/index.ts'
import { checkInvariants, type Figures } from './invariants/index.ts'
import type { HabitName } from './plans/habits.ts'
import { type Milestone, milestoneOf, untilMilestone } from './plans/milestones.ts'
import type { Plan } from './plans/plan.ts'
import { compete } from './plans/rivals.ts'
import { followProgress, type Progress } from './report/progress.ts'
import { createTimeline } from './report/timeline.ts'
import type { Prepared } from './world/prepared.ts'
import type { Posted } from './world/sequence-state.ts'
import { waitForEnd } from './world/wait-for-end.ts'
import { createWorld, type World } from './world/world.ts'

/** First account of anvil that a rival uses: those before are the owner's, sequencer's, treasury's and miners'. */
const FIRST_RIVAL = 8

export interface SeedResult {
  plan: Plan
  violations: string[]
  /** Null when the run didn't come as far as to be judged. */
  figures: Figures | null
  timeline: readonly string[]
  faults: InjectedFault[]
  /** Habits of the plan that met a call which they could answer otherwise than most nodes do. */
  metHabits: HabitName[]
  durationMs: number
  /** Kept when something doesn't hold. */
  dataDir: string
}

/** What became of a fault. */
interface InjectedFault {
  name: FaultName
  /** How far the sequence had come that it waited for; null when nobody could tell. */
  milestone: Milestone | null
  /**
   * Whether there was something that it could change: a transaction in a replaced block, a write to refuse, a call to
   * answer.
   */
  hit: boolean
  /** Whether a posted sequence was open when it began. */
  wasBusy: boolean
  /** From its beginning to the first progress after its end, ms; null: there was none, or nothing was open. */
  recoveredMs: number | null
}

/** Longest time of a run, ms: faults, patience and checks take less. */
const MOST_MS = 12 * 60_000

/**
 * Carries out a plan against a fresh stack and checks what is left. An error of the harness counts as a violation.
 * @param echo hears the timeline as it happens.
 */
export async function runSeed(
  plan: Plan,
  prepared: Prepared,
  echo: (line: string) => void = () => {},
): Promise<SeedResult> {
  const timeline = createTimeline(echo)
  const failed = (error: unknown) => ({
    faults: [],
    figures: null,
    violations: [`the harness failed: ${inspect(error)}`],
  })
  try {
    const world = await createWorld(plan, timeline, prepared)
    timeline.note('the stack, contracts and processes are up')
    const tooLong = delay(MOST_MS, undefined, { ref: false }).then(() => failed('it hangs'))
    const outcome = await Promise.race([carryOut(world).catch(failed), tooLong])
    const durationMs = timeline.now()
    await world.close(outcome.violations.length > 0)
    return {
      plan,
      ...outcome,
      metHabits: [...world.rpc.metHabits],
      timeline: timeline.lines,
      durationMs,
      dataDir: world.stack.dataDir,
    }
  } catch (error) {
    return {
      plan,
      ...failed(error),
      metHabits: [],
      timeline: timeline.lines,
      durationMs: timeline.now(),
      dataDir: 'no folder of its own',
    }
  }
}

async function carryOut(world: World): Promise<Pick<SeedResult, 'faults' | 'violations' | 'figures'>> {
  const { plan, timeline } = world
  const rivalsEnd = new AbortController()
  const progress = followProgress(world)
  try {
    const posts = postAll(world, progress)
    const rivals = plan.rivals.map(async ({ name, sequence }, i) => {
      const posted = await posts[sequence]?.catch(() => undefined) // who waits for all of them hears of it
      if (posted) await compete(world, { name, index: FIRST_RIVAL + i, ...posted, signal: rivalsEnd.signal })
    })
    const [posted, faults] = await Promise.all([Promise.all(posts), injectAll(world, posts, progress)])
    const isOver = await waitForEnd(world, posted)
    timeline.note(isOver ? 'every sequence has ended' : 'gave up waiting')
    rivalsEnd.abort()
    await Promise.all([progress.stop(), ...rivals])
    return { faults, ...(await checkInvariants(world, posted)) }
  } finally {
    rivalsEnd.abort()
    await progress.stop()
  }
}

/** Posts one after another, each at its moment: they share the sequencer's account. */
function postAll({ plan, deployment, control, timeline, chainLock }: World, progress: Progress): Promise<Posted>[] {
  let before: Promise<unknown> = Promise.resolve()
  return plan.sequences.map(({ rollup: index, batches, atMs }) => {
    const post = async (): Promise<Posted> => {
      const rollup = deployment.rollups[index]
      if (rollup === undefined) throw new Error('unreachable: plans name rollups that exist')
      const sequence = await chainLock.during(async () =>
        rollup.sequencer.post(batches, await control.oldTimestampSec(plan.finalityBlocks)),
      )
      progress.sequencePosted()
      timeline.note(`batches ${sequence.from}-${sequence.to} of ${rollup.name} are posted`)
      return { rollup, sequence }
    }
    const posted = Promise.all([before, delay(atMs)]).then(post)
    before = posted
    return posted
  })
}

/** Injects faults, which may overlap, except that one waits for an earlier one of the same kind. */
async function injectAll(
  world: World,
  posts: readonly Promise<Posted>[],
  progress: Progress,
): Promise<InjectedFault[]> {
  const last = new Map<FaultName, Promise<unknown>>()
  const injected = world.plan.faults.map((planned) => {
    const result: InjectedFault = { name: planned.name, milestone: null, hit: false, wasBusy: false, recoveredMs: null }
    const reached = async () => {
      const posted = await posts[planned.sequence]
      if (posted === undefined) throw new Error('unreachable: faults wait for sequences that are posted')
      const seen = await untilMilestone(world, posted, planned.milestone)
      await delay(planned.afterMs)
      return { posted, seen }
    }
    const run = Promise.all([reached(), last.get(planned.name)]).then(async ([{ posted, seen }]) => {
      const fault = faultOf(planned.name)
      result.milestone = (await milestoneOf(world, posted)) ?? seen
      world.timeline.note(`fault: ${planned.name}, sequence ${planned.sequence + 1} is ${result.milestone}`)
      result.wasBusy = progress.isBusy()
      const recovery = progress.faultBegins((ms) => {
        result.recoveredMs = Math.round(ms)
        world.timeline.note(`progress after ${planned.name}`)
      })
      const fromBlock = await world.control.head().catch(() => 0)
      const heal = await fault.inject(world, planned, () => {
        result.hit = true
      })
      if (heal) {
        await delay(planned.forMs)
        await heal()
        world.timeline.note(`healed: ${planned.name}`)
      }
      const takes = fault.takes?.(world, planned)
      if (takes)
        world.disturbances.push({ takes, fromBlock, toBlock: await world.chainLock.during(world.control.head) })
      recovery.ends()
      return result
    })
    last.set(planned.name, run)
    return run
  })
  return Promise.all(injected)
}
