import type { AgreedBlocks } from '../../chain/create-chain.ts'
import { findStakeOrder } from '../../db/attempts/stake-orders.ts'
import { formatRange } from '../../protocol/base/ranges.ts'
import { commitWindow, proofWindow } from '../../protocol/base/windows.ts'
import type { IntentFate } from '../../protocol/sender/fates.ts'
import {
  type Intent,
  intentId,
  isIntent,
  isProof,
  isSameTransaction,
  type SequenceIntent,
  type StakeIntent,
} from '../../protocol/sender/intent.ts'
import type { UnfinalAttempt } from '../../protocol/sender/view.ts'
import { liveRound } from '../../protocol/sequence/gate-windows.ts'
import { type OnChain, proofReference } from '../../protocol/sequence/view.ts'
import type { RollupContext } from '../context.ts'
import { failureText } from '../errors.ts'
import { findCommittedProof, findFinalProof } from '../proof/final-proof.ts'
import { type SenderAccount, type SenderDeps, servedRollup } from './sender-account.ts'

interface Restating {
  deps: SenderDeps
  sender: SenderAccount
  blocks: AgreedBlocks
  attempts: readonly UnfinalAttempt[]
}

/** A queue of which nothing rests on what a signal said. */
interface RestatedQueue {
  queue: Intent[]
  /** Fates, by id, of those that couldn't be stated: nothing of them may be begun. */
  fates: Record<string, IntentFate>
  /** What came that is no intent, for people. */
  lines: string[]
}

/** An intent as the stores have it, or why nothing of it may be signed. */
interface Restated {
  intent: Intent
  fate?: IntentFate
}

/**
 * Whoever may signal a sender could make it spend: a stranger's hash would be committed, another proof punished. So a
 * signal only says which step of which sequence is wanted. Contract, proof, hash, window and amount are read from
 * configuration, stores and chain, and of what is signed already from its row.
 */
export async function restateQueue(queue: readonly unknown[], restating: Restating): Promise<RestatedQueue> {
  const intents = queue.filter(isIntent)
  const restated = await Promise.all(intents.map((intent) => restate(intent, restating)))
  const alien = queue.length - intents.length
  return {
    queue: restated.map(({ intent }) => intent),
    fates: Object.fromEntries(
      restated.flatMap(({ intent, fate }) => (fate === undefined ? [] : [[intentId(intent), fate]])),
    ),
    lines: alien === 0 ? [] : [`${alien} signals dropped: what they carried is no intent`],
  }
}

/**
 * Restates an intent, unless it is signed: then it was restated before, and goes on while its stores or its chain are
 * away, whatever a signal says of it.
 */
async function restate(asked: Intent, restating: Restating): Promise<Restated> {
  const signed =
    restating.attempts.findLast(({ intent }) => intent !== null && intentId(intent) === intentId(asked))?.intent ??
    undefined
  const rollup = servedRollup(restating.deps, restating.sender, asked.rollup)
  if (rollup === undefined) return { intent: signed ?? asked }
  try {
    const restated = await readIntent({ ...asked, contract: rollup.contract }, rollup, { ...restating, signed })
    return restated.fate === undefined || signed === undefined ? restated : { intent: signed }
  } catch (error) {
    return signed === undefined
      ? { intent: asked, fate: { kind: 'unjudged', why: failureText(error) } }
      : { intent: signed }
  }
}

type Reading = Restating & { signed: Intent | undefined }

async function readIntent(asked: Intent, rollup: RollupContext, reading: Reading): Promise<Restated> {
  if (asked.step === 'stake') return readStake(asked, rollup, reading)
  const { head } = reading.blocks
  // A window can't be moved to where nothing lands any more; when it began tells what ran for it.
  const intent = { ...asked, firstBlock: Math.min(asked.firstBlock, head.number + 1) }
  if (asked.step === 'claim') return { intent: { ...intent, finalProof: null, lastBlock: null } }
  const { chain, contract, miner } = rollup
  const atHead = await chain.readOnChain({ contract, range: asked, miner, at: head })
  return isProof(intent) ? readProof(intent, atHead, rollup, reading) : readCommit(intent, atHead, rollup, reading)
}

async function readStake(
  asked: StakeIntent,
  { name, chain, contract, miner }: RollupContext,
  { deps, blocks }: Reading,
): Promise<Restated> {
  const { head } = blocks
  const [order, stake] = await Promise.all([
    findStakeOrder(deps.db, name),
    chain.readStake({ contract, miner, at: head }),
  ])
  if (order === null)
    return { intent: asked, fate: { kind: 'hopeless', why: "no operator's order of a stake is stored" } }
  const firstBlock = Math.min(asked.firstBlock, head.number + 1)
  return { intent: { ...asked, toWei: order.toWei, contract: stake?.deposit ?? contract, firstBlock, lastBlock: null } }
}

/**
 * Reads a commit. Of several stored proofs of the data the one that was asked for may be committed to, and no other
 * hash than that of a stored one.
 */
async function readCommit(
  asked: SequenceIntent,
  atHead: OnChain,
  rollup: RollupContext,
  { deps, blocks, signed }: Reading,
): Promise<Restated> {
  const block = blocks.head.number + 1
  const { lastBlock } = commitWindow(liveRound({ atHead }, block), block)
  const kept = signedProof(asked, signed) ?? (await findFinalProof(deps, rollup, asked, asked.finalProof?.proofHash))
  if (kept === null) return { intent: asked, fate: { kind: 'held', why: 'no store has a final proof of its data' } }
  return { intent: { ...asked, lastBlock, finalProof: proofReference(kept) } }
}

/** Reads a proof. The contract takes one only, that of our hash; one of 2023 fines any other. */
async function readProof(
  asked: SequenceIntent,
  atHead: OnChain,
  rollup: RollupContext,
  { deps, signed }: Reading,
): Promise<Restated> {
  const { own, round } = atHead
  if (own === null || round === null) return { intent: asked } // there is nothing to prove, which is judged
  const known = signedProof(asked, signed)
  const kept = known?.proofHash === own.proofHash ? known : await findCommittedProof(deps, rollup, asked, own.proofHash)
  if (kept === null || kept === 'unknown')
    return { intent: asked, fate: { kind: 'held', why: whyMissing(asked, kept) } }
  const window = proofWindow(round, { isLate: atHead.isVerified })
  return {
    intent: { ...asked, ...window, step: atHead.isVerified ? 'prove-late' : 'prove', finalProof: proofReference(kept) },
  }
}

const whyMissing = (asked: SequenceIntent, kept: null | 'unknown'): string =>
  kept === null
    ? `no store has the proof that our hash of batches ${formatRange(asked)} stands for`
    : "the archive can't be asked for the proof, and the database hasn't it"

const signedProof = (asked: SequenceIntent, signed: Intent | undefined): SequenceIntent['finalProof'] =>
  signed !== undefined && signed.step !== 'stake' && isSameTransaction(signed, asked) ? signed.finalProof : null
