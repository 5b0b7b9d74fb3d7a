import { bytesToHex, hexToBytes } from 'viem/utils'
import type { AgreedBlock } from '../../chain/endpoints/endpoints.ts'
import type { Attempt, NewAttempt } from '../../db/attempts/attempt-rows.ts'
import { listUnfinalAttempts, markBroadcast, settleNonce, storeAttempt } from '../../db/attempts/attempts.ts'
import type { Intent } from '../../protocol/sender/intent.ts'
import { isCuredAnew, mayBeTooLow, type NodesAnswer } from '../../protocol/sender/nodes-answer.ts'
import type { SenderAction, SenderPlan, SenderView } from '../../protocol/sender/view.ts'
import { nextPassMs } from '../../protocol/sequence/wake-up.ts'
import type { SenderActivities } from '../../protocol/temporal/activities.ts'
import { estimateBlockMs } from '../context.ts'
import { planSigned, type SignAction, type Signed } from './plan-signed.ts'
import { readSenderView } from './read-sender-view.ts'
import { type SenderAccount, type SenderDeps, senderOf } from './sender-account.ts'

/** A hash is signed on what its gate read at most so long ago, ms: the process may have been suspended in between. */
const MAX_GATE_AGE_MS = 60_000

/**
 * Passes in a row: nodes may want another type of transaction, less than their cap and more than their pool's floor.
 */
const MOST_PASSES = 4

export const createAdvanceSender =
  (deps: SenderDeps): SenderActivities['advanceSender'] =>
  async ({ chainId, account, queue }) => {
    const sender = senderOf(deps, chainId, account)
    const { view, head, plan, ended, troubles } = await passUntilTaken(deps, sender, queue)
    const dropped = new Set(plan.actions.flatMap((action) => (action.kind === 'drop' ? [action.intent] : [])))
    const left = view.queue.filter((intent) => !dropped.has(intent))
    const unfinal = await listUnfinalAttempts(deps.db, { chainId, account })
    // What is dropped is told until the next pass: there must be one.
    const isIdle = left.length === 0 && unfinal.length === 0 && dropped.size === 0
    return {
      queue: left,
      unfinalNonces: new Set(unfinal.map((attempt) => attempt.nonce)).size,
      lines: [...plan.lines, ...ended, ...troubles],
      waitMs: isIdle ? null : nextPassMs(await estimateBlockMs(sender.chain, head)),
    }
  }

interface PassMade {
  view: SenderView
  head: AgreedBlock
  plan: SenderPlan
  /** Why it ended early, for people. */
  ended: string[]
  troubles: string[]
}

/**
 * Makes one pass, and another one at once as long as nodes refuse what it sent for what another form or a higher offer
 * cures: a block is dear.
 */
async function passUntilTaken(
  deps: SenderDeps,
  sender: SenderAccount,
  queue: readonly Intent[],
  passesLeft = MOST_PASSES,
): Promise<PassMade> {
  const beganAt = Date.now()
  const { view, head, stored, troubles } = await readSenderView(deps, sender, queue)
  const { plan, signed } = await planSigned(deps, sender, { view, head, stored })
  const { ended, isRefused } = await carryOut(
    deps,
    sender,
    { beganAt, head: head.number, stored, signed },
    plan.actions,
  )
  if (isRefused && passesLeft > 1) return passUntilTaken(deps, sender, queue, passesLeft - 1)
  return { view, head, plan, ended, troubles }
}

/** A pass under way: the attempts are those that it began with, so a broadcast sends what was decided about. */
interface Pass {
  /** When it began to read what it decides by, ms since the epoch. */
  beganAt: number
  head: number
  stored: readonly Attempt[]
  signed: ReadonlyMap<SignAction, Signed>
}

/** Carries out a plan until something shows that it no longer fits; the next pass plans anew. */
async function carryOut(
  deps: SenderDeps,
  sender: SenderAccount,
  pass: Pass,
  actions: readonly SenderAction[],
): Promise<{ ended: string[]; isRefused: boolean }> {
  const key = { chainId: sender.chainId, account: sender.account.address }
  let isRefused = false
  for (const action of actions) {
    if (action.kind === 'finish') await settleNonce(deps.db, { ...key, nonce: action.nonce })
    if (action.kind === 'sign') {
      if (action.intent?.step === 'commit' && Date.now() - pass.beganAt > MAX_GATE_AGE_MS)
        return { ended: ['hashes wait: this pass took too long to send any'], isRefused }
      const { isOurs, answer } = await storeAndSend(deps, sender, pass, action)
      if (!isOurs) return { ended: ['another aggregator of this account was first'], isRefused }
      isRefused ||= mayBeTooLow(answer) || isCuredAnew(answer)
    }
    if (action.kind === 'broadcast') {
      const stored = pass.stored.find((one) => one.nonce === action.nonce && one.attempt === action.attempt)
      if (stored !== undefined) await send(deps, sender, pass.head, stored)
    }
  }
  return { ended: [], isRefused }
}

/**
 * Stores a transaction before it is sent: a crash between the two must leave a row, not a lost transaction. `isOurs`
 * tells that it is what was signed here.
 */
async function storeAndSend(
  deps: SenderDeps,
  sender: SenderAccount,
  pass: Pass,
  action: SignAction,
): Promise<{ isOurs: boolean; answer: NodesAnswer }> {
  const transaction = pass.signed.get(action)
  // passing it over would leave a gap
  if (transaction === undefined) throw new Error(`Nonce ${action.nonce} is to be sent and wasn't signed.`)
  const { intent, nonce, attempt } = action
  const key = { chainId: sender.chainId, account: sender.account.address, nonce, attempt }
  const { raw, txHash, fees } = transaction
  const stored = await storeAttempt(deps.db, { ...key, txHash, raw: hexToBytes(raw), purpose: intent, ...fees })
  // A second aggregator may have written what stands under the key.
  const answer = await send(deps, sender, pass.head, stored)
  return { isOurs: stored.txHash === txHash, answer }
}

/**
 * Sends an attempt, and notes that it is sent whatever a node answers: one that was refused for its price must be
 * raised, too.
 */
async function send(
  { db }: SenderDeps,
  { chain }: SenderAccount,
  head: number,
  attempt: NewAttempt,
): Promise<NodesAnswer> {
  const { kind: answer } = await chain.broadcast(bytesToHex(attempt.raw))
  await markBroadcast(db, attempt, { sentAtBlock: head, answer })
  return answer
}
