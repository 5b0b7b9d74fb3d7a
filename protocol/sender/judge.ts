import { type Liability, shortOf } from '../base/budget.ts'
import { type BatchRange, formatRange } from '../base/ranges.ts'
import { blockedCommit, harmfulCommit } from '../sequence/commit-gate.ts'
import { refusalText } from '../sequence/texts.ts'
import type { SequenceView, StoredFinalProof } from '../sequence/view.ts'
import { type IntentFate, type IntentLook, judgeIntent, judgeStake, type StakeOnChain, stakeMove } from './fates.ts'
import { inFlightBefore, isSigned, mayLand, nonceInFlight } from './in-flight.ts'
import {
  type Intent,
  inSendingOrder,
  intentId,
  isProof,
  type SequenceIntent,
  type StakeIntent,
  stepId,
} from './intent.ts'
import type { SenderView } from './view.ts'

/** The account, as all its intents are judged by it. */
export type AccountFacts = Pick<SenderView, 'head' | 'nonceAtHead' | 'attempts'>

/**
 * What is known of one intent, and nothing of the others.
 * - `unread`: a failure keeps us from telling.
 * - `unserved`: the configuration has its rollup no longer, or gives it to another account.
 * - `stake`: null where its contract keeps stake by other rules.
 * - `sequence`: what stands on chain, and what its gate asks for; null where the gate isn't asked.
 */
export type IntentFacts =
  | { kind: 'unread'; intent: Intent; why: string }
  | { kind: 'unserved'; intent: Intent }
  | { kind: 'stake'; intent: StakeIntent; stake: StakeFacts | null }
  | { kind: 'sequence'; intent: SequenceIntent; look: IntentLook; gate: GateFacts | null }

export interface StakeFacts {
  /** With what the account may yet have to pay, but for this very move. */
  atHead: StakeOnChain
  /** Null while it isn't known. */
  atFinal: Pick<StakeOnChain, 'stakeWei'> | null
  /** What the transaction may cost at the fee cap, wei, without the value that it sends. */
  mostWei: bigint
}

/** What may have come up while an intent that its contract wants waited for its nonce. */
export type GateFacts = { step: 'commit'; view: SequenceView } | ClaimGate | ProofGate

interface ClaimGate {
  step: 'claim'
  /** Null where the contract keeps stake by other rules. */
  balanceWei: string | null
  /** What the account may yet have to pay, but for this claim. */
  liabilities: readonly Liability[]
  /** What it may cost at the fee cap. */
  mostWei: bigint
}

interface ProofGate extends ProofNeeds {
  step: 'prove'
  /** What the contract's own verifier says; null where it isn't asked, or can't be. */
  verdict: Pick<StoredFinalProof, 'isAcceptedByContract' | 'refusal'> | null
}

interface ProofNeeds {
  /** Without its statement the proof's calldata can't be made. */
  hasStatement: boolean
  /** It has run, no node tells how, and its contract is of 2023, which fines the same proof each time. */
  mayBeSpent: boolean
}

/**
 * Lists what is judged: all that is signed or wanted, in sending order; where both have one, the queue's, which is
 * newer.
 */
export function intentsToJudge(queue: readonly Intent[], { head, attempts }: AccountFacts): Intent[] {
  const signed = attempts.flatMap(({ intent }) => intent ?? [])
  const newest = new Map([...signed, ...queue].map((intent) => [intentId(intent), intent]))
  return inSendingOrder([...newest.values()], head)
}

/**
 * Tells which gate an intent has to pass. It is null for what its contract doesn't want, and for what is out and may
 * land whatever we wish now: only a hash is taken back.
 */
export function gateOf(intent: SequenceIntent, look: IntentLook, account: AccountFacts): GateFacts['step'] | null {
  if (judgeIntent(intent, look).kind !== 'wanted') return null
  if (intent.step === 'commit') return 'commit'
  if (mayLand(intent, account)) return null
  return isProof(intent) ? 'prove' : 'claim'
}

/** Says why a proof waits whatever the verifier says of it, which then needn't be asked; null when nothing is known. */
export function whyProofWaits({ hasStatement, mayBeSpent }: ProofNeeds): string | null {
  if (!hasStatement) return 'its inputs have to be prepared again'
  return mayBeSpent ? UNTOLD_PROOF : null
}

const UNTOLD_PROOF =
  'it has been mined, no node tells yet what came of it, and a contract of 2023 fines the same proof each time'

/** What has been let through so far. */
interface SoFar {
  /** What of it nobody has signed yet may cost. */
  begun: readonly Liability[]
  /** Ids of what will be sent, or goes on being sent. */
  landing: ReadonlySet<string>
}

/**
 * Tells what becomes of every intent, by id. What goes first leaves less coins for those behind it, and may land before
 * them.
 * @param facts in sending order.
 */
export function judgeIntents(facts: readonly IntentFacts[], account: AccountFacts): Record<string, IntentFate> {
  const [begun, landing, fates] = [[] as Liability[], new Set<string>(), {} as Record<string, IntentFate>]
  for (const one of facts) {
    const id = intentId(one.intent)
    const fate = judge(one, { begun, landing }, account)
    if (fate.kind === 'wanted' && !isSigned(one.intent, account)) begun.push(...costOf(one))
    if (fate.kind === 'wanted' || fate.kind === 'unjudged') landing.add(id)
    fates[id] = fate
  }
  return fates
}

function judge(facts: IntentFacts, soFar: SoFar, account: AccountFacts): IntentFate {
  if (facts.kind === 'unread') return { kind: 'unjudged', why: facts.why }
  if (facts.kind === 'unserved') return judgeUnserved(facts.intent, account)
  if (facts.kind === 'stake') return judgeMove(facts.intent, facts.stake, soFar, account)
  const { intent, look, gate } = facts
  if (gate === null) return judgeIntent(intent, look)
  if (gate.step === 'claim') return judgeClaim(intent, gate, soFar)
  if (gate.step === 'prove') return judgeProof(gate)
  const isOut = nonceInFlight(intent, account) !== undefined
  return isOut ? judgeHashInFlight(intent, gate.view, soFar, account) : judgeHash(gate.view, soFar)
}

/** Lists what an intent takes of the account's balance when it is begun. */
function costOf(facts: IntentFacts): Liability[] {
  if (facts.kind === 'stake' && facts.stake !== null) {
    const move = stakeMove(facts.intent.toWei, facts.stake.atHead)
    const wei = facts.stake.mostWei + (move?.kind === 'deposit' ? move.wei : 0n)
    return [{ what: `the stake in ${facts.intent.rollup}`, wei: `${wei}` }]
  }
  if (facts.kind !== 'sequence' || facts.gate === null) return []
  const { intent, gate } = facts
  if (gate.step === 'claim') return [costOfClaim(intent, gate)]
  if (gate.step === 'prove') return [] // it was reckoned with since its hash was sent
  const what = `commit and proof of batches ${formatRange(intent)} of ${intent.rollup}`
  return [{ what, wei: gate.view.funds.reserveWei }]
}

const costOfClaim = (intent: SequenceIntent, { mostWei }: ClaimGate): Liability => ({
  what: `the claim of batches ${formatRange(intent)} of ${intent.rollup}`,
  wei: `${mostWei}`,
})

/**
 * Judges an intent of a rollup that isn't served: nothing of it is begun, and its contract isn't read. A transaction
 * that is out is seen through, because the account's nonces go on behind it; only a hash isn't, because nobody would
 * prove it.
 */
function judgeUnserved(intent: Intent, account: AccountFacts): IntentFate {
  if (intent.step !== 'commit' && mayLand(intent, account)) return { kind: 'wanted' }
  return { kind: 'hopeless', why: "the configuration doesn't give its rollup to this account" }
}

function judgeMove(intent: StakeIntent, stake: StakeFacts | null, { begun }: SoFar, account: AccountFacts): IntentFate {
  if (stake === null) return { kind: 'hopeless', why: 'its contract keeps stake by other rules' }
  const { atHead, atFinal } = stake
  const fate = judgeStake(intent, {
    atHead: { ...atHead, liabilities: [...atHead.liabilities, ...begun] },
    atFinal,
  })
  // As for any intent, what is out may land whatever we wish now.
  return fate.kind === 'held' && mayLand(intent, account) ? { kind: 'wanted' } : fate
}

/** Judges a claim. It can wait for coins, a proof that is owed can't: it gets none that are set aside for one. */
function judgeClaim(intent: SequenceIntent, gate: ClaimGate, { begun }: SoFar): IntentFate {
  const setAside = [...gate.liabilities, ...begun]
  if (gate.balanceWei === null || setAside.length === 0) return { kind: 'wanted' }
  const why = shortOf(gate.balanceWei, [costOfClaim(intent, gate), ...setAside])
  return why === null ? { kind: 'wanted' } : { kind: 'held', why }
}

/**
 * Judges a proof. It is asked again where it is signed: a wrong proof is fined by a contract of 2023, and a reorg may
 * have changed what it builds on.
 */
function judgeProof(gate: ProofGate): IntentFate {
  const why = whyProofWaits(gate)
  if (why !== null) return { kind: 'held', why }
  const isRefused = gate.verdict?.isAcceptedByContract === false
  return isRefused ? { kind: 'held', why: refusalText(gate.verdict?.refusal) } : { kind: 'wanted' }
}

function judgeHash(view: SequenceView, { begun }: SoFar): IntentFate {
  const funds = { ...view.funds, liabilities: [...view.funds.liabilities, ...begun] }
  const blocked = blockedCommit({ ...view, funds }, view.head.number + 1)
  if (blocked === null) return { kind: 'wanted' }
  // An operator's hold has no end that anybody knows: the sequence wants it again when there is one.
  return { kind: blocked.condition === 'held-by-operator' ? 'hopeless' : 'held', why: blocked.why }
}

/**
 * Judges a hash that is out. It may land whatever we wish now, and when that would cost us, its nonce is better used up
 * by something else.
 */
function judgeHashInFlight(
  intent: SequenceIntent,
  view: SequenceView,
  { landing }: SoFar,
  account: AccountFacts,
): IntentFate {
  // A view of an older block would miss what the pass has seen mined.
  if (view.head.number < account.head) return { kind: 'wanted' }
  const before = new Set(inFlightBefore(intent, account).map(intentId))
  const landsFirst = (range: BatchRange, step: 'commit' | 'prove') => {
    const id = stepId({ rollup: intent.rollup, ...range }, step)
    return before.has(id) && landing.has(id)
  }
  const predecessors = view.predecessors.filter((one) => one.ownLiveRound !== null || !landsFirst(one, 'commit'))
  const owedLateProofs = (view.owedLateProofs ?? []).filter((one) => !landsFirst(one, 'prove'))
  const harm = harmfulCommit({ ...view, predecessors, owedLateProofs }, view.head.number + 1)
  return harm === null ? { kind: 'wanted' } : { kind: 'harmful', why: harm.why }
}
