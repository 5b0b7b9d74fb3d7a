import { bytesToHex } from 'viem/utils'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { type Call, callOf } from '../../chain/transactions/account.ts'
import { intentCalldata, stakeCall } from '../../chain/transactions/calls.ts'
import { max } from '../../chain/trials/gas.ts'
import type { Attempt } from '../../db/attempts/attempt-rows.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import { stakeMove } from '../../protocol/sender/fates.ts'
import {
  type Intent,
  isProof,
  isSameTransaction,
  type SequenceIntent,
  type StakeIntent,
} from '../../protocol/sender/intent.ts'
import { InputsMissingError } from '../errors.ts'
import { findStatement, readProofParts } from '../proof/final-proof.ts'
import type { SenderAccount, SenderDeps } from './sender-account.ts'

/** A transaction that is to be signed, and what it is tried in. */
export interface CallQuestion {
  intent: Intent | null
  nonce: number
  /** The rows of the account's unfinal attempts. */
  stored: readonly Attempt[]
  /** What the account's lower nonces call before it. */
  before: readonly Call[]
  /** It is meant for the block after this one. */
  at: BlockRef
}

/** A transaction that ran out of gas gets so much more the next time: half. */
const AFTER_OUT_OF_GAS = { numerator: 3n, denominator: 2n }

/** Tells whether all of the gas was used up. A contract's last sub-call leaves a 64th of it behind (EIP-150). */
const usedUp = ({ gas }: Call, gasUsed: bigint): boolean => gasUsed >= gas - gas / 64n

/**
 * Makes what a transaction for the intent calls, with a gas limit from a trial; null calls nothing. A replacement
 * repeats the call of the attempt that it replaces: its proof may be in no store any more, and its rollup in no
 * configuration. It repeats its limit, too, unless nodes refused that.
 * @throws InputsMissingError while the sequence's new state root isn't known (any more), and what trying it throws.
 */
export async function callForIntent(deps: SenderDeps, sender: SenderAccount, question: CallQuestion): Promise<Call> {
  const { intent, nonce, stored } = question
  if (intent === null) return withLimit(sender, question, { to: sender.account.address, data: '0x', valueWei: 0n })
  const replaced = stored.findLast(
    (one) => one.nonce === nonce && one.purpose !== null && isSameTransaction(one.purpose, intent),
  )
  const repeated = replaced && callOf(bytesToHex(replaced.raw))
  if (repeated !== undefined) return replaced?.answer === 'gas-limit' ? withLimit(sender, question, repeated) : repeated
  return withLimit(sender, question, await unlimitedCall(deps, sender, intent))
}

async function withLimit(
  sender: SenderAccount,
  { intent, stored, before, at }: CallQuestion,
  call: Omit<Call, 'gas'>,
): Promise<Call> {
  const { chain, account } = sender
  const purpose = intent && { step: intent.step, contract: intent.contract }
  const asked = { from: account.address, purpose, call, before, at, leastGas: gasAfterFailures(intent, stored) }
  return { ...call, gas: await chain.gasLimit(asked) }
}

/** Gives more gas than any of the intent's transactions ran out of; 0 where none did. */
function gasAfterFailures(intent: Intent | null, stored: readonly Attempt[]): bigint {
  const limits = stored.flatMap(({ purpose, inclusion, raw }) => {
    if (intent === null || purpose === null || inclusion?.status !== 'reverted' || !isSameTransaction(purpose, intent))
      return []
    const call = callOf(bytesToHex(raw))
    // Where nobody tells what was used, the limit may have been too little.
    return inclusion.gasUsed === null || usedUp(call, inclusion.gasUsed) ? [call.gas] : []
  })
  return (limits.reduce(max, 0n) * AFTER_OUT_OF_GAS.numerator) / AFTER_OUT_OF_GAS.denominator
}

async function unlimitedCall(deps: SenderDeps, sender: SenderAccount, intent: Intent): Promise<Omit<Call, 'gas'>> {
  if (intent.step === 'stake') return callForStake(deps, sender, intent)
  return { to: deps.rollupOf(intent.rollup).contract, data: await calldataOf(deps, intent), valueWei: 0n }
}

async function callForStake(
  deps: SenderDeps,
  { chain }: SenderAccount,
  { rollup, toWei }: StakeIntent,
): Promise<Omit<Call, 'gas'>> {
  const { contract, miner } = deps.rollupOf(rollup)
  const { head } = await chain.agreedBlocks()
  const stake = await chain.readStake({ contract, miner, at: head })
  const move = stake && stakeMove(toWei, stake)
  // The stake is as it was asked for in this pass; should the head have moved meanwhile, a deposit of nothing changes
  // nothing.
  return { to: stake?.deposit ?? contract, ...stakeCall(move ?? { kind: 'deposit', wei: 0n }) }
}

async function calldataOf(deps: SenderDeps, intent: SequenceIntent): Promise<Hex> {
  if (!isProof(intent) || intent.finalProof === null) return intentCalldata(intent, null)
  const statement = await findStatement(deps, intent)
  if (statement === undefined) throw new InputsMissingError({ sequence: intent, range: intent })
  const { sha256 } = intent.finalProof
  return intentCalldata(intent, await readProofParts(deps, deps.rollupOf(intent.rollup), { sha256, statement }))
}
