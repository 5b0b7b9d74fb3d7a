import type { Posted } from '../sequence-state.ts'
import type { World } from '../world.ts'
import { allTransactionsKnown, everyWeiAccounted, paidAndUnpunished, settledEverywhere } from './chain.ts'
import { everySequenceEnded, noProofLostOrMadeTwice } from './database.ts'
import { noSecretAnywhere } from './secrets.ts'
import { everyWorkflowExplains } from './workflows.ts'

const INVARIANTS: Record<string, (world: World, posted: readonly Posted[]) => Promise<string[]>> = {
  'every sequence is settled': settledEverywhere,
  'no proof is lost or made twice': noProofLostOrMadeTwice,
  'no penalty, one proof, one reward': paidAndUnpunished,
  'every transaction is ours and known': allTransactionsKnown,
  'every wei is accounted for': everyWeiAccounted,
  'every sequence has ended': everySequenceEnded,
  'every workflow explains itself': everyWorkflowExplains,
  'no secret is anywhere': noSecretAnywhere,
}

/** What doesn't hold, a line each. Looks at chain, database and Temporal alone, with code that shares nothing with what it checks. */
export async function violations(world: World, posted: readonly Posted[]): Promise<string[]> {
  const found = []
  for (const [name, check] of Object.entries(INVARIANTS)) {
    const broken = await check(world, posted).catch((error: unknown) => [`could not look: ${error}`])
    found.push(...broken.map((what) => `${name}: ${what}`))
  }
  return found
}
