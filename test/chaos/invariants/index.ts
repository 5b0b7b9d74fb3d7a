import type { Posted } from '../world/sequence-state.ts'
import type { World } from '../world/world.ts'
import { everyHistoryReplays, everythingExplained } from './explained.ts'
import type { Facts } from './facts.ts'
import { type Invariant, isExcused, isSame } from './judge.ts'
import { expiredCommits, unpunishedAndPaid } from './penalties.ts'
import { proofsKept } from './proofs.ts'
import { readAccounts, readRollups } from './read-chain.ts'
import { readDatabase } from './read-database.ts'
import { readArchive, readMadeProofs } from './read-files.ts'
import { readPlaces, secretsFound } from './secrets.ts'
import { settledEverywhere } from './settled.ts'
import { transactionsKnown } from './transactions.ts'
import { everyWeiAccounted } from './wei.ts'
import { readReplays, readWorkflows } from './workflows.ts'

/** Invariants by number, as docs/reliability/method.md counts them; 7 has places to look at instead of facts. */
const INVARIANTS: Record<string, Invariant> = {
  '1 settled': settledEverywhere,
  '2 proofs': proofsKept,
  '3 penalties': unpunishedAndPaid,
  '4 transactions': transactionsKnown,
  '5 wei': everyWeiAccounted,
  '6 explained': everythingExplained,
  '8 replays': everyHistoryReplays,
}

/** What a run leaves to be counted. */
export interface Figures {
  sequences: number
  /** Proofs of every stage that were finished, and transactions of ours on chain. */
  proofs: number
  transactions: number
  /** Proofs of ours that the contract accepted. */
  accepted: number
  /** Rounds with our hash that expired, by whose fault. */
  penalties: number
  excusedPenalties: number
}

/**
 * Says what doesn't hold, a line each. It looks at chain, stores and Temporal alone, with code that shares nothing with
 * what it checks.
 */
export async function checkInvariants(
  world: World,
  posted: readonly Posted[],
): Promise<{ violations: string[]; figures: Figures }> {
  const facts = await readFacts(world, posted)
  const broken = Object.entries(INVARIANTS).flatMap(([name, judge]) => judge(facts).map((what) => `${name}: ${what}`))
  const leaks = secretsFound(await readPlaces(world), world.secrets).map((what) => `7 secrets: ${what}`)
  return { violations: [...broken, ...leaks], figures: figuresOf(facts) }
}

function figuresOf(facts: Facts): Figures {
  const { rollups, made, accounts } = facts
  const expired = expiredCommits(facts)
  const excused = expired.filter((one) => isExcused(facts, one)).length
  return {
    sequences: rollups.flatMap(({ sequences }) => sequences).length,
    proofs: made.length,
    transactions: accounts.flatMap(({ transactions }) => transactions.filter(({ isStake }) => !isStake)).length,
    accepted: rollups.flatMap(({ accepted, miner }) => accepted.filter((one) => isSame(one.miner, miner))).length,
    penalties: expired.length - excused,
    excusedPenalties: excused,
  }
}

/** Reads Temporal first: it may take a while to settle, and what it does meanwhile is to be seen in the rest. */
async function readFacts(world: World, posted: readonly Posted[]): Promise<Facts> {
  const workflows = await readWorkflows(world)
  return {
    workflows,
    unreplayable: await readReplays(world),
    posted: posted.map(({ rollup, sequence }) => ({ rollup: rollup.name, from: sequence.from, to: sequence.to })),
    rollups: await readRollups(world),
    accounts: await readAccounts(world),
    databases: [...world.databasesBefore, await readDatabase(world)],
    archive: await readArchive(world),
    made: await readMadeProofs(world),
    sent: world.rpc.sent,
    disturbances: world.disturbances,
    replaced: world.replaced,
    finalityBlocks: world.plan.finalityBlocks,
    arePricesTold: !world.plan.habits.includes('receipts-without-price'),
  }
}
