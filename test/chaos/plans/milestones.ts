import { setTimeout as delay } from 'node:timers/promises'
import { type Posted, readState } from '../world/sequence-state.ts'
import type { World } from '../world/world.ts'

/**
 * How far a sequence has come, in this order: it stands on chain; the aggregator has it proved; our hash stands in its
 * round; our proof was sent; a proof of ours, or anybody's, was accepted.
 */
export const MILESTONES = ['posted', 'proving', 'committed', 'proof-sent', 'verified'] as const
export type Milestone = (typeof MILESTONES)[number]

/** Milestones before any transaction of ours, before our proof, and with one of ours on chain. */
export const UNSUBMITTED = ['posted', 'proving'] as const
export const UNPROVED = [...UNSUBMITTED, 'committed'] as const
export const SUBMITTED = ['committed', 'proof-sent', 'verified'] as const

const LOOK_EVERY_MS = 200

/** Longest wait for a milestone, ms: a round of T1 + T2 that somebody else lets expire. */
const PATIENCE_MS = 100_000

/** The last look at each sequence: several faults may wait for the same one, and looks take from what is looked at. */
const looks = new WeakMap<Posted, { atMs: number; answer: Promise<Milestone | null> }>()

/** Tells where a sequence stood a moment ago; null when nobody could tell. */
export function milestoneOf(world: World, posted: Posted): Promise<Milestone | null> {
  const last = looks.get(posted)
  if (last !== undefined && Date.now() < last.atMs + LOOK_EVERY_MS) return last.answer
  const answer = readMilestone(world, posted).catch(() => null) // another fault is in the way
  looks.set(posted, { atMs: Date.now(), answer })
  return answer
}

/** Reads the contract and, for what the chain can't know, the rows that the aggregator writes for operators. */
async function readMilestone({ sql }: World, posted: Posted): Promise<Milestone> {
  const { isVerified, isOurs, isOurProofAccepted } = await readState(posted)
  if (isVerified || isOurProofAccepted) return 'verified'
  const name = posted.rollup.name
  const { to } = posted.sequence
  if (isOurs) {
    const sent =
      await sql`select from zkpow.attempts where rollup = ${name} and to_batch = ${to} and step = 'prove' and sent_at_block is not null`
    return sent.length > 0 ? 'proof-sent' : 'committed'
  }
  const begun =
    await sql`select from zkpow.sequences where rollup = ${name} and to_batch = ${to} and phase <> 'prepare'`
  return begun.length > 0 ? 'proving' : 'posted'
}

/**
 * Waits until a sequence has come as far, or as long as anybody has patience.
 * @returns where it stood at last; null when nobody could tell.
 */
export async function untilMilestone(world: World, posted: Posted, milestone: Milestone): Promise<Milestone | null> {
  let seen: Milestone | null = null
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await delay(LOOK_EVERY_MS)) {
    seen = (await milestoneOf(world, posted)) ?? seen
    if (seen !== null && MILESTONES.indexOf(seen) >= MILESTONES.indexOf(milestone)) break
  }
  return seen
}
