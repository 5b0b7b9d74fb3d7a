import type { Liability } from '../base/budget.ts'
import { formatRange, type Hex, type SequenceKey } from '../base/ranges.ts'
import { owesProof } from '../sequence/next-step.ts'
import type { OnChain } from '../sequence/view.ts'
import { unminedByRows } from './in-flight.ts'
import { type Intent, type IntentStep, intentId, isProof, stepId } from './intent.ts'

/** A sequence of any rollup of the account in which a hash of ours stands, or for which one is signed. */
export interface OwnHash extends SequenceKey {
  atHead: OnChain
  /** A commit transaction of ours is signed and its nonce isn't final. */
  unfinalCommit: boolean
}

/** A signed transaction of the account. */
export interface SignedTransaction {
  nonce: number
  intent: Intent | null
  /** What it may cost: its gas limit at the fee cap, and the value that it sends. */
  mostWei: bigint
  isMined: boolean
}

/**
 * Reckons what an account may yet have to pay: the proof of every hash that is out or signed, and every transaction
 * that no block has. A node asks for gas limit × fee cap up front, so each counts with that.
 * @param p.mostWei what a transaction of a step for a rollup may cost at the fee cap.
 * @param p.except id of the intent that asks. It isn't counted itself: a hash neither with its commit nor with its
 * proof.
 */
export function reckonLiabilities(p: {
  head: { number: number; hash: Hex }
  hashes: readonly OwnHash[]
  signed: readonly SignedTransaction[]
  mostWei(step: IntentStep, rollup: string): bigint
  except: string | null
}): Liability[] {
  const owed = p.hashes.filter((one) => isOwed(one, p.head) && stepId(one, 'commit') !== p.except)
  const proofs = new Set(owed.map((one) => stepId(one, 'prove')))
  // A proof that is under way is the one that is owed.
  const isCounted = ({ intent }: SignedTransaction) =>
    intent !== null && (intentId(intent) === p.except || proofs.has(intentId(intent)))
  const unmined = dearestByNonce(unminedByRows(p.signed, ({ isMined }) => isMined).filter((one) => !isCounted(one)))
  return [
    ...owed.map((one) => ({
      what: `the proof of batches ${formatRange(one)} of ${one.rollup}`,
      wei: `${p.mostWei('prove', one.rollup)}`,
    })),
    ...unmined.map((one) => ({ what: nameOf(one.intent), wei: `${one.mostWei}` })),
  ]
}

/**
 * Tells whether a proof is owed. It is until its round is over, or until its late deadline. Where a late proof has no
 * deadline (2023), it isn't counted before it is sent. One that is lost would be owed for ever, and one that isn't goes
 * before any hash.
 */
function isOwed({ atHead, unfinalCommit }: OwnHash, head: { number: number; hash: Hex }): boolean {
  const isEndless = atHead.isVerified && atHead.round?.lateProofDeadlineBlock === null
  return !isEndless && owesProof({ head, atHead, unfinalCommit })
}

/** Takes the dearest attempt of each nonce: one of them is mined, and nobody knows which. */
function dearestByNonce(signed: readonly SignedTransaction[]): SignedTransaction[] {
  const dearest = new Map<number, SignedTransaction>()
  for (const one of signed) {
    const other = dearest.get(one.nonce)
    if (other === undefined || one.mostWei > other.mostWei) dearest.set(one.nonce, one)
  }
  return [...dearest.values()]
}

function nameOf(intent: Intent | null): string {
  if (intent === null) return 'an empty transaction under way'
  if (intent.step === 'stake') return `the stake in ${intent.rollup} that is under way`
  return `the ${isProof(intent) ? 'proof' : intent.step} of batches ${formatRange(intent)} of ${intent.rollup} that is under way`
}
