import type { AgreedBlocks } from '../../chain/create-chain.ts'
import { orUnknownAt } from '../../chain/endpoints/pruned-state.ts'
import { type Liability, shortOf } from '../../protocol/base/budget.ts'
import { type BatchRange, formatRange } from '../../protocol/base/ranges.ts'
import { judgeStake, stakeMove } from '../../protocol/operator/stake.ts'
import { type IntentFate, type IntentLook, judgeIntent } from '../../protocol/sender/fates.ts'
import {
  inFlightBefore,
  isSigned,
  lastVerifiedBefore,
  mayLand,
  nonceInFlight,
} from '../../protocol/sender/in-flight.ts'
import {
  type Intent,
  inSendingOrder,
  intentId,
  isProof,
  isSameTransaction,
  type SequenceIntent,
  type StakeIntent,
  stepId,
} from '../../protocol/sender/intent.ts'
import type { UnfinalAttempt } from '../../protocol/sender/view.ts'
import { blockedCommit, harmfulCommit } from '../../protocol/sequence/commit-gate.ts'
import { refusalText } from '../../protocol/sequence/texts.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'
import type { RollupContext } from '../context.ts'
import { failureText } from '../errors.ts'
import { findStatement, judgeProof } from '../proof/final-proof.ts'
import { readView } from '../sequence/look-at-sequence.ts'
import { readLiabilitiesExcept } from '../sequence/read-liabilities.ts'
import { findSpentProof } from '../sequence/spent-proof.ts'
import { type SenderAccount, type SenderDeps, servedRollup } from './sender-account.ts'

interface Judging {
  deps: SenderDeps
  sender: SenderAccount
  /** The two blocks that the account is read at, or a transaction mined in between would be sent twice. */
  blocks: AgreedBlocks
  attempts: readonly UnfinalAttempt[]
  nonceAtHead: number
}

/**
 * A pass, with the account's liabilities as a claim or a stake has to reckon with them: read once, if any asks. What a
 * commit looks at is read at one block of its own, liabilities included.
 */
interface Pass extends Judging {
  liabilitiesFor(rollup: RollupContext, intent: Intent): Promise<Liability[]>
}

/** What a pass has let through so far. */
interface SoFar {
  /** Of it, what nobody has signed yet. */
  begun: Liability[]
  /** Ids of what will be sent, or goes on being sent. */
  landing: Set<string>
}

/** Judges with what the pass has let through before; adds to `begun` what it lets through itself. */
type Verdict = (soFar: SoFar) => IntentFate

/**
 * What becomes of every intent of the queue and of the attempts, by id; where both have one, of the queue's, which is
 * the newer.
 */
export async function judgeIntents(queue: readonly Intent[], judging: Judging): Promise<Record<string, IntentFate>> {
  const signed = judging.attempts.flatMap(({ intent }) => intent ?? [])
  const newest = new Map([...signed, ...queue].map((intent) => [intentId(intent), intent]))
  const inOrder = inSendingOrder([...newest.values()], judging.blocks.head.number)
  const pass = { ...judging, liabilitiesFor: liabilitiesOnce(judging) }
  // Everything is read at once: proofs wait for the slowest.
  const considered = await Promise.all(
    inOrder.map(
      async (intent) =>
        [intentId(intent), await consider(intent, pass).catch((error) => () => unjudged(error))] as const,
    ),
  )
  const soFar: SoFar = { begun: [], landing: new Set() } // what goes first leaves less for those behind it
  const judged = considered.map(([id, verdict]) => {
    const fate = verdict(soFar)
    if (fate.kind === 'wanted' || fate.kind === 'unjudged') soFar.landing.add(id)
    return [id, fate] as const
  })
  return Object.fromEntries(judged)
}

function liabilitiesOnce({ deps, blocks }: Judging): Pass['liabilitiesFor'] {
  let liabilitiesExcept: ReturnType<typeof readLiabilitiesExcept> | undefined
  return async (rollup, intent) => {
    liabilitiesExcept ??= readLiabilitiesExcept(deps, rollup, blocks.head)
    return (await liabilitiesExcept)(intentId(intent))
  }
}

/**
 * The account's other intents don't wait for one that can't be judged. What is away for all of them fails the pass in
 * its own reads.
 */
const unjudged = (error: unknown): IntentFate => ({ kind: 'unjudged', why: failureText(error) })

async function consider(intent: Intent, pass: Pass): Promise<Verdict> {
  const rollup = servedRollup(pass.deps, pass.sender, intent.rollup)
  if (rollup === undefined) return () => fateWithoutRollup(intent, pass)
  if (intent.step === 'stake') return considerStake(intent, rollup, pass)
  const fate = await fateOnChain(intent, rollup, pass)
  if (fate.kind !== 'wanted') return () => fate
  if (intent.step === 'commit' && nonceInFlight(intent, pass) !== undefined) return gateInFlight(intent, rollup, pass)
  // What is out may land whatever we wish now.
  return intent.step !== 'commit' && mayLand(intent, pass) ? () => fate : gate(intent, rollup, pass)
}

/**
 * The configuration has the rollup no longer, or gives it to another account: nothing of it is begun, and its contract
 * isn't read. A transaction that is out is seen through, because the account's nonces go on behind it; only a hash
 * isn't, because nobody would prove it.
 */
function fateWithoutRollup(intent: Intent, judging: Judging): IntentFate {
  if (intent.step !== 'commit' && mayLand(intent, judging)) return { kind: 'wanted' }
  return { kind: 'hopeless', why: "the configuration doesn't give its rollup to this account" }
}

async function fateOnChain(intent: SequenceIntent, rollup: RollupContext, judging: Judging): Promise<IntentFate> {
  const { chain, contract, miner } = rollup
  const { head, final } = judging.blocks
  const [atHead, atFinal, isContractPaused, unpaidWei, lastVerified] = await Promise.all([
    chain.readOnChain({ contract, range: intent, miner, at: head }),
    orUnknownAt(final, (at) => chain.readOnChain({ contract, range: intent, miner, at, isPast: true })),
    chain.isPaused({ contract, at: head }),
    intent.step === 'claim' ? unpaidAt(rollup, judging) : {},
    isProof(intent) ? verifiedAt(intent, rollup, judging) : {},
  ])
  const spentProofBlock = isProof(intent)
    ? await findSpentProof(judging.deps.db, rollup, { sequence: intent, atHead, head })
    : null
  const read = { atHead, atFinal, isContractPaused, spentProofBlock, ...unpaidWei, ...lastVerified }
  return judgeIntent(intent, { head: head.number, final: final?.number ?? null, ...read })
}

async function verifiedAt(
  intent: SequenceIntent,
  { chain, contract }: RollupContext,
  judging: Judging,
): Promise<Pick<IntentLook, 'lastVerifiedBatch'>> {
  const atHead = await chain.readLastVerified({ contract, at: judging.blocks.head })
  return { lastVerifiedBatch: lastVerifiedBefore(intent, atHead, judging) }
}

async function unpaidAt(
  { chain, contract, miner }: RollupContext,
  { blocks }: Judging,
): Promise<Pick<IntentLook, 'unpaidWei'>> {
  const [atHead, atFinal] = await Promise.all([
    chain.readClaimable({ contract, miner, at: blocks.head }),
    orUnknownAt(blocks.final, (at) => chain.readClaimable({ contract, miner, at, isPast: true })),
  ])
  return atHead === undefined || atFinal === undefined ? {} : { unpaidWei: { atHead, atFinal } }
}

async function considerStake(intent: StakeIntent, rollup: RollupContext, pass: Pass): Promise<Verdict> {
  const { blocks } = pass
  const { chain, contract, miner, name } = rollup
  const [atHead, atFinal] = await Promise.all([
    chain.readStake({ contract, miner, at: blocks.head }),
    orUnknownAt(blocks.final, (at) => chain.readStake({ contract, miner, at, isPast: true })),
  ])
  if (atHead === undefined || atFinal === undefined)
    return () => ({ kind: 'hopeless', why: 'its contract keeps stake by other rules' })
  const liabilities = await pass.liabilitiesFor(rollup, intent)
  const move = stakeMove(intent.toWei, atHead)
  const wei = chain.mostWei('stake', intent.contract) + (move?.kind === 'deposit' ? move.wei : 0n)
  return ({ begun }) => {
    const fate = judgeStake(intent, { atHead: { ...atHead, liabilities: [...liabilities, ...begun] }, atFinal })
    // As for any intent, what is out may land whatever we wish now.
    if (fate.kind === 'held' && mayLand(intent, pass)) return { kind: 'wanted' }
    if (fate.kind === 'wanted' && !isSigned(intent, pass)) begun.push({ what: `the stake in ${name}`, wei: `${wei}` })
    return fate
  }
}

/** A claim can wait for coins, a proof that is owed can't: it gets none that are set aside for one. */
async function gateClaim(intent: SequenceIntent, rollup: RollupContext, pass: Pass): Promise<Verdict> {
  const { blocks } = pass
  const { chain, contract, miner, name } = rollup
  const [funds, liabilities] = await Promise.all([
    chain.readStake({ contract, miner, at: blocks.head }),
    pass.liabilitiesFor(rollup, intent),
  ])
  const own = {
    what: `the claim of batches ${formatRange(intent)} of ${name}`,
    wei: `${chain.mostWei('claim', contract)}`,
  }
  return ({ begun }) => {
    const setAside = [...liabilities, ...begun]
    const why = funds === undefined || setAside.length === 0 ? null : shortOf(funds.balanceWei, [own, ...setAside])
    if (why !== null) return { kind: 'held', why }
    if (!isSigned(intent, pass)) begun.push(own)
    return { kind: 'wanted' }
  }
}

/** What may have come up while an intent, wanted by its contract, waited for its nonce. */
async function gate(intent: SequenceIntent, rollup: RollupContext, pass: Pass): Promise<Verdict> {
  const { deps } = pass
  if (intent.step === 'claim') return gateClaim(intent, rollup, pass)
  if (intent.step !== 'commit') return gateProof(intent, rollup, pass)
  const view = await readMeant(deps, rollup, intent)
  return ({ begun }) => {
    const funds = { ...view.funds, liabilities: [...view.funds.liabilities, ...begun] }
    const blocked = blockedCommit({ ...view, funds }, view.head.number + 1)
    // An operator's hold has no end that anybody knows: the sequence wants it again when there is one.
    if (blocked !== null)
      return { kind: blocked.condition === 'held-by-operator' ? 'hopeless' : 'held', why: blocked.why }
    const what = `commit and proof of batches ${formatRange(intent)} of ${rollup.name}`
    if (!isSigned(intent, pass)) begun.push({ what, wei: funds.reserveWei })
    return { kind: 'wanted' }
  }
}

/**
 * Asked again where it is signed: a wrong proof is fined by a contract of 2023, and a reorg may have changed what it
 * builds on.
 */
async function gateProof(intent: SequenceIntent, rollup: RollupContext, pass: Pass): Promise<Verdict> {
  const { deps } = pass
  // Without its statement the proof's calldata can't be made; other rollups' transactions mustn't wait for it.
  if ((await findStatement(deps, intent)) === undefined)
    return () => ({ kind: 'held', why: 'its inputs have to be prepared again' })
  if (await mayBeSpent(intent, rollup, pass)) return () => ({ kind: 'held', why: UNTOLD_PROOF })
  // The sequence has asked, too: where no answer can be had now, the window goes on all the same.
  const judged = intent.finalProof && (await judgeProof(deps, rollup, intent, intent.finalProof).catch(() => null))
  return () =>
    judged?.isAcceptedByContract === false ? { kind: 'held', why: refusalText(judged.refusal) } : { kind: 'wanted' }
}

const UNTOLD_PROOF =
  'it has been mined, no node tells yet what came of it, and a contract of 2023 fines the same proof each time'

/**
 * A proof that ran without being accepted is spent at a contract of 2023, which only the receipt tells. Ours takes it
 * any number of times.
 */
async function mayBeSpent(
  intent: SequenceIntent,
  { chain, contract }: RollupContext,
  { attempts }: Judging,
): Promise<boolean> {
  const isUntold = attempts.some(
    (one) => one.isUntold === true && one.intent !== null && isSameTransaction(one.intent, intent),
  )
  return isUntold && (await chain.readGeneration({ contract })) === 'globals'
}

/**
 * A hash that is out may land whatever we wish now. When that would cost us, its nonce is better used up by something
 * else.
 */
async function gateInFlight(intent: SequenceIntent, rollup: RollupContext, pass: Pass): Promise<Verdict> {
  const view = await readMeant(pass.deps, rollup, intent)
  // Of an older block it would miss what the pass has seen mined.
  if (view.head.number < pass.blocks.head.number) return () => ({ kind: 'wanted' })
  const before = new Set(inFlightBefore(intent, pass).map(intentId))
  return ({ landing }) => {
    const landsFirst = (range: BatchRange, step: 'commit' | 'prove') => {
      const id = stepId({ rollup: intent.rollup, ...range }, step)
      return before.has(id) && landing.has(id)
    }
    const predecessors = view.predecessors.filter((one) => one.ownLiveRound !== null || !landsFirst(one, 'commit'))
    const owedLateProofs = (view.owedLateProofs ?? []).filter((one) => !landsFirst(one, 'prove'))
    const harm = harmfulCommit({ ...view, predecessors, owedLateProofs }, view.head.number + 1)
    return harm === null ? { kind: 'wanted' } : { kind: 'harmful', why: harm.why }
  }
}

/** The sequence as its gate has to see it for this very hash: with the proof that it stands for, or none. */
async function readMeant(deps: SenderDeps, rollup: RollupContext, intent: SequenceIntent): Promise<SequenceView> {
  const proofHash = intent.finalProof?.proofHash
  const view = await readView(deps, rollup, intent, { meant: proofHash })
  return view.finalProof?.proofHash === proofHash ? view : { ...view, finalProof: null }
}
