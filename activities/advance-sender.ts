import { bytesToHex, hexToBytes } from 'viem/utils'
import type { MinerAccount } from '../chain/account.ts'
import type { Chain } from '../chain/create-chain.ts'
import { SELF_TRANSFER_GAS } from '../chain/gas.ts'
import { intentCalldata } from '../chain/two-step.ts'
import type { NewAttempt } from '../db/attempt-rows.ts'
import { listUnfinalAttempts, markBroadcast, settleNonce, storeAttempt } from '../db/attempts.ts'
import type { SenderActivities } from '../protocol/activities.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../protocol/public-input.ts'
import { planSending } from '../protocol/sender-plan.ts'
import type { Intent } from '../protocol/sender-queue.ts'
import type { SenderAction, SenderView } from '../protocol/sender-view.ts'
import { estimateBlockMs } from './block-time.ts'
import type { ProvingDeps } from './context.ts'
import { InputsMissingError, UnknownSenderError } from './errors.ts'
import { findStatement, readFinalProof } from './final-proof.ts'
import { readSenderView } from './read-sender-view.ts'

/** An account that this aggregator signs for on one chain. */
export interface SenderAccount {
  chainId: number
  chain: Chain
  account: MinerAccount
  limits: SenderView['limits']
}

export interface SenderDeps extends ProvingDeps {
  senders: SenderAccount[]
}

export const createAdvanceSender =
  (deps: SenderDeps): SenderActivities['advanceSender'] =>
  async ({ chainId, account, queue, hurried = [] }) => {
    const sender = senderOf(deps, chainId, account)
    const { view, head } = await readSenderView(deps, sender, queue)
    const plan = planSending({ ...view, hurried })
    for (const action of plan.actions) await carryOut(deps, sender, head.number, action)
    const dropped = new Set(plan.actions.flatMap((action) => (action.kind === 'drop' ? [action.intent] : [])))
    const left = queue.filter((intent) => !dropped.has(intent))
    const unfinal = await listUnfinalAttempts(deps.db, { chainId, account })
    const isIdle = left.length === 0 && unfinal.length === 0
    return {
      queue: left,
      unfinalNonces: new Set(unfinal.map((attempt) => attempt.nonce)).size,
      lines: plan.lines,
      waitMs: isIdle ? null : await estimateBlockMs(sender.chain),
    }
  }

function senderOf({ senders }: SenderDeps, chainId: number, account: string): SenderAccount {
  const sender = senders.find((one) => one.chainId === chainId && one.account.address.toLowerCase() === account.toLowerCase())
  if (sender === undefined) throw new UnknownSenderError(chainId, account)
  return sender
}

async function carryOut(deps: SenderDeps, sender: SenderAccount, head: number, action: SenderAction): Promise<void> {
  const key = { chainId: sender.chainId, account: sender.account.address }
  if (action.kind === 'finish') await settleNonce(deps.db, { ...key, nonce: action.nonce })
  if (action.kind === 'sign') await signAndSend(deps, sender, head, action)
  if (action.kind === 'broadcast') {
    const stored = (await listUnfinalAttempts(deps.db, key)).find((one) => one.nonce === action.nonce && one.attempt === action.attempt)
    if (stored !== undefined) await send(deps, sender, head, stored)
  }
}

/** Stored before it is sent: a crash between the two must leave a row, not a lost transaction. */
async function signAndSend(deps: SenderDeps, sender: SenderAccount, head: number, action: SenderAction & { kind: 'sign' }): Promise<void> {
  const { chainId, account, chain } = sender
  const { intent, nonce, attempt, fees } = action
  const data = intent === null ? '0x' : await calldataOf(deps, intent)
  const gas = intent === null ? SELF_TRANSFER_GAS : chain.gasLimit(intent.step, data)
  const { raw, txHash } = await account.sign({ chainId, nonce, to: intent?.contract ?? account.address, data, gas, fees })
  const purpose = intent && purposeOf(intent)
  const stored = await storeAttempt(deps.db, {
    chainId,
    account: account.address,
    nonce,
    attempt,
    txHash,
    raw: hexToBytes(raw),
    purpose,
    ...fees,
  })
  await send(deps, sender, head, stored) // what stands under the key, which a second aggregator may have written
}

/** Counts as sent whatever a node answers: an attempt that was refused for its price must be raised, too. */
async function send({ db }: SenderDeps, { chain }: SenderAccount, head: number, attempt: NewAttempt): Promise<void> {
  await chain.broadcast(bytesToHex(attempt.raw))
  await markBroadcast(db, attempt, { sentAtBlock: head })
}

/** @throws InputsMissingError while the sequence's new state root isn't known (any more). */
async function calldataOf(deps: SenderDeps, intent: Intent) {
  if (intent.step === 'claim' || intent.step === 'commit' || intent.finalProof === null) return intentCalldata(intent, null)
  const { contract, chain, miner } = deps.rollupOf(intent.rollup)
  const { head } = await chain.agreedBlocks()
  const { accInputHash } = await chain.readOnChain({ contract, range: intent, miner, at: head })
  const sequence = { rollup: intent.rollup, from: intent.from, to: intent.to, accInputHash: accInputHash ?? '0x' }
  const statement = await findStatement(deps, sequence)
  if (statement === undefined) throw new InputsMissingError({ sequence, range: intent })
  const proof = await readFinalProof(deps, intent.finalProof.sha256)
  return intentCalldata(intent, { proof, newStateRoot: statement.newStateRoot, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT })
}

const purposeOf = ({ rollup, from, to, step, firstBlock, lastBlock, finalProof }: Intent): NewAttempt['purpose'] => ({
  ...{ rollup, from, to, step, firstBlock, lastBlock },
  finalProofSha256: finalProof?.sha256 ?? null,
})
