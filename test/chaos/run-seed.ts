import { setTimeout as delay } from 'node:timers/promises'
import { FAULTS } from './faults/index.ts'
import { violations } from './invariants/index.ts'
import type { FaultName, Plan } from './plan.ts'
import { followProgress, type Progress } from './progress.ts'
import { compete } from './rivals.ts'
import type { Posted } from './sequence-state.ts'
import { createTimeline } from './timeline.ts'
import { waitForEnd } from './wait-for-end.ts'
import { createWorld, type World } from './world.ts'

/** First account of anvil that a rival uses: those before are the owner's, sequencer's, treasury's and miners'. */
const FIRST_RIVAL = 8

export interface SeedResult {
  seed: number
  violations: string[]
  timeline: readonly string[]
  faults: { name: FaultName; recoveredMs: number | null }[]
  durationMs: number
}

/** Carries out a plan against a fresh stack and checks what is left. @param echo hears the timeline as it happens. */
export async function runSeed(plan: Plan, echo: (line: string) => void = () => {}): Promise<SeedResult> {
  const timeline = createTimeline(echo)
  const world = await createWorld(plan, timeline)
  const rivalsEnd = new AbortController()
  try {
    timeline.note('the stack, contracts and processes are up')
    const progress = followProgress(world)
    const posts = postAll(world, plan)
    const rivals = plan.rivals.map(async ({ name, sequence }, i) => {
      const posted = await posts[sequence]
      if (posted) await compete(world, { name, index: FIRST_RIVAL + i, ...posted, signal: rivalsEnd.signal })
    })
    const faults = await injectAll(world, plan, progress)
    const posted = await Promise.all(posts)
    const isOver = await waitForEnd(world, posted)
    timeline.note(isOver ? 'every sequence has ended' : 'gave up waiting')
    rivalsEnd.abort()
    await Promise.all([progress.stop(), ...rivals])
    const found = await violations(world, posted)
    return { seed: plan.seed, violations: found, timeline: timeline.lines, faults, durationMs: timeline.now() }
  } finally {
    rivalsEnd.abort()
    await world.close()
  }
}

/** One after another, each at its moment: they share the sequencer's account. */
function postAll({ deployment, timeline }: World, plan: Plan): Promise<Posted>[] {
  let before: Promise<unknown> = Promise.resolve()
  return plan.sequences.map(({ rollup: index, batches, atMs }) => {
    const post = async (): Promise<Posted> => {
      const rollup = deployment.rollups[index]
      if (rollup === undefined) throw new Error('unreachable: plans name rollups that exist')
      const sequence = await rollup.sequencer.post(batches)
      timeline.note(`batches ${sequence.from}-${sequence.to} of ${rollup.name} are posted`)
      return { rollup, sequence }
    }
    const posted = Promise.all([before, delay(atMs)]).then(post)
    before = posted
    return posted
  })
}

/** Faults may overlap, except that one waits for an earlier one of the same kind. */
async function injectAll(world: World, plan: Plan, progress: Progress) {
  const last = new Map<FaultName, Promise<unknown>>()
  const injected = plan.faults.map((planned) => {
    const result: SeedResult['faults'][number] = { name: planned.name, recoveredMs: null }
    const run = Promise.all([last.get(planned.name), delay(planned.atMs)]).then(async () => {
      const fault = FAULTS[planned.name]
      world.timeline.note(`fault: ${planned.name}`)
      const recovery = progress.faultBegins((ms) => {
        result.recoveredMs = Math.round(ms)
        world.timeline.note(`progress after ${planned.name}`)
      })
      await fault.inject(world, planned)
      if (fault.lasts) await delay(planned.forMs)
      await fault.heal(world, planned)
      recovery.ends()
      if (fault.lasts) world.timeline.note(`healed: ${planned.name}`)
      return result
    })
    last.set(planned.name, run)
    return run
  })
  return Promise.all(injected)
}
