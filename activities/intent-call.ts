import { bytesToHex } from 'viem/utils'
import { type Call, callOf } from '../chain/account.ts'
import { SELF_TRANSFER_GAS } from '../chain/gas.ts'
import { stakeCall } from '../chain/stake-call.ts'
import { intentCalldata } from '../chain/two-step.ts'
import type { Attempt } from '../db/attempt-rows.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../protocol/public-input.ts'
import { type Intent, isProof, isSameTransaction, type SequenceIntent, type StakeIntent } from '../protocol/sender-queue.ts'
import type { Hex } from '../protocol/sequence.ts'
import { stakeMove } from '../protocol/stake.ts'
import { InputsMissingError } from './errors.ts'
import { findStatement, readFinalProof } from './final-proof.ts'
import type { SenderAccount, SenderDeps } from './sender-account.ts'

/**
 * What a transaction for the intent calls; null calls nothing. A replacement repeats the call of the attempt that it replaces: its proof
 * may be in no store any more, and its rollup in no configuration.
 * @param rivals the stored attempts of its nonce.
 * @throws InputsMissingError while the sequence's new state root isn't known (any more).
 */
export async function callForIntent(
  deps: SenderDeps,
  sender: SenderAccount,
  { intent, rivals }: { intent: Intent | null; rivals: readonly Attempt[] },
): Promise<Call> {
  if (intent === null) return { to: sender.account.address, data: '0x', valueWei: 0n, gas: SELF_TRANSFER_GAS }
  const replaced = rivals.findLast(({ purpose }) => purpose !== null && isSameTransaction(purpose, intent))
  if (replaced !== undefined) return callOf(bytesToHex(replaced.raw))
  if (intent.step === 'stake') return callForStake(deps, sender, intent)
  const data = await calldataOf(deps, intent)
  return { to: deps.rollupOf(intent.rollup).contract, data, valueWei: 0n, gas: sender.chain.gasLimit(intent.step, data) }
}

async function callForStake(deps: SenderDeps, { chain }: SenderAccount, { rollup, toWei }: StakeIntent): Promise<Call> {
  const { contract, miner } = deps.rollupOf(rollup)
  const { head } = await chain.agreedBlocks()
  const stake = await chain.readStake({ contract, miner, at: head })
  const move = stake && stakeMove(toWei, stake)
  // As it was asked for in this pass; should the head have moved meanwhile, a deposit of nothing changes nothing.
  const { data, valueWei } = stakeCall(move ?? { kind: 'deposit', wei: 0n })
  return { to: stake?.deposit ?? contract, data, valueWei, gas: chain.gasLimit('stake', data) }
}

async function calldataOf(deps: SenderDeps, intent: SequenceIntent): Promise<Hex> {
  if (!isProof(intent) || intent.finalProof === null) return intentCalldata(intent, null)
  const statement = await findStatement(deps, intent)
  if (statement === undefined) throw new InputsMissingError({ sequence: intent, range: intent })
  const proof = await readFinalProof(deps, intent.finalProof.sha256)
  return intentCalldata(intent, { proof, newStateRoot: statement.newStateRoot, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT })
}
