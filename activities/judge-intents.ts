import type { AgreedBlocks } from '../chain/create-chain.ts'
import { blockedCommit } from '../protocol/commit-gate.ts'
import { type IntentFate, type IntentLook, judgeIntent } from '../protocol/intent-fate.ts'
import { type Intent, intentId, isSameTransaction, type SequenceIntent, type StakeIntent } from '../protocol/sender-queue.ts'
import type { UnfinalAttempt } from '../protocol/sender-view.ts'
import { judgeStake } from '../protocol/stake.ts'
import type { RollupContext } from './context.ts'
import { findStatement } from './final-proof.ts'
import { readView } from './look-at-sequence.ts'
import { type SenderDeps, servedRollup } from './sender-account.ts'

interface Judging {
  deps: SenderDeps
  /** The two blocks that the account is read at, or a transaction mined in between would be sent twice. */
  blocks: AgreedBlocks
  attempts: readonly UnfinalAttempt[]
  nonceAtHead: number
}

/** What becomes of every intent of the queue and of the attempts, by id; where both have one, of the queue's, which is the newer. */
export async function judgeIntents(queue: readonly Intent[], judging: Judging): Promise<Record<string, IntentFate>> {
  const signed = judging.attempts.flatMap(({ intent }) => intent ?? [])
  const fates = await Promise.all([...signed, ...queue].map(async (intent) => [intentId(intent), await fateOf(intent, judging)] as const))
  return Object.fromEntries(fates)
}

async function fateOf(intent: Intent, judging: Judging): Promise<IntentFate> {
  const rollup = servedRollup(judging.deps, intent.rollup)
  if (rollup === undefined) return fateWithoutRollup(intent, judging)
  if (intent.step === 'stake') return fateOfStake(intent, rollup, judging)
  const fate = await fateOnChain(intent, rollup, judging)
  // What is out may land whatever we wish now.
  return fate.kind !== 'wanted' || isInFlight(intent, judging) ? fate : ((await gate(intent, rollup, judging)) ?? fate)
}

/** Some attempt that would carry it out has been broadcast and isn't mined. One that is only stored is nobody's business yet. */
const isInFlight = (intent: Intent, { attempts, nonceAtHead }: Judging): boolean =>
  attempts.some(
    (one) => one.nonce >= nonceAtHead && one.sentAtBlock !== null && one.intent !== null && isSameTransaction(one.intent, intent),
  )

/**
 * The rollup is no longer in the configuration: nothing of it is begun, and its contract isn't read. A transaction that is out is seen
 * through, because the account's nonces go on behind it; only a hash isn't, because nobody would prove it.
 */
function fateWithoutRollup(intent: Intent, judging: Judging): IntentFate {
  if (intent.step !== 'commit' && isInFlight(intent, judging)) return { kind: 'wanted' }
  return { kind: 'hopeless', why: "its rollup isn't in the configuration" }
}

async function fateOnChain(intent: SequenceIntent, rollup: RollupContext, judging: Judging): Promise<IntentFate> {
  const { chain, contract, miner } = rollup
  const { head, final } = judging.blocks
  const [atHead, atFinal, isContractPaused, unpaidWei] = await Promise.all([
    chain.readOnChain({ contract, range: intent, miner, at: head }),
    chain.readOnChain({ contract, range: intent, miner, at: final }),
    chain.isPaused({ contract, at: head }),
    intent.step === 'claim' ? unpaidAt(rollup, judging) : {},
  ])
  return judgeIntent(intent, { head: head.number, final: final.number, atHead, atFinal, isContractPaused, ...unpaidWei })
}

async function unpaidAt({ chain, contract, miner }: RollupContext, { blocks }: Judging): Promise<Pick<IntentLook, 'unpaidWei'>> {
  const [atHead, atFinal] = await Promise.all([blocks.head, blocks.final].map((at) => chain.readClaimable({ contract, miner, at })))
  return atHead === undefined || atFinal === undefined ? {} : { unpaidWei: { atHead, atFinal } }
}

async function fateOfStake(intent: StakeIntent, { chain, contract, miner }: RollupContext, { blocks }: Judging): Promise<IntentFate> {
  const [atHead, atFinal] = await Promise.all([blocks.head, blocks.final].map((at) => chain.readStake({ contract, miner, at })))
  if (atHead === undefined || atFinal === undefined) return { kind: 'hopeless', why: 'its contract keeps stake by other rules' }
  return judgeStake(intent, { atHead, atFinal })
}

/** What may have come up while an intent waited for its nonce; null when nothing did. */
async function gate(intent: SequenceIntent, rollup: RollupContext, { deps }: Judging): Promise<IntentFate | null> {
  if (intent.step === 'claim') return null
  if (intent.step !== 'commit') {
    // Without its statement the proof's calldata can't be made; other rollups' transactions mustn't wait for it.
    const isPrepared = (await findStatement(deps, intent)) !== undefined
    return isPrepared ? null : { kind: 'held', why: 'its inputs have to be prepared again' }
  }
  const view = await readView(deps, rollup, intent)
  const blocked = blockedCommit(view, view.head.number + 1)
  if (blocked === null) return null
  // An operator's hold has no end that anybody knows: the sequence wants it again when there is one.
  return { kind: blocked.condition === 'held-by-operator' ? 'hopeless' : 'held', why: blocked.why }
}
