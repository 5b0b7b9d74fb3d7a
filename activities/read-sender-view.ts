import type { AgreedBlocks } from '../chain/create-chain.ts'
import type { MinedReceipt } from '../chain/read-account.ts'
import type { Attempt } from '../db/attempt-rows.ts'
import { listUnfinalAttempts, markMined, unmarkMined } from '../db/attempts.ts'
import { blockedCommit } from '../protocol/commit-gate.ts'
import { type IntentFate, judgeIntent } from '../protocol/intent-fate.ts'
import { proofHash } from '../protocol/proof-hash.ts'
import { type Intent, intentId } from '../protocol/sender-queue.ts'
import type { SenderView, UnfinalAttempt } from '../protocol/sender-view.ts'
import type { SequenceRef } from '../protocol/sequence.ts'
import type { SenderAccount, SenderDeps } from './advance-sender.ts'
import type { RollupContext } from './context.ts'
import { findStatement, readFinalProof } from './final-proof.ts'
import { readView } from './look-at-sequence.ts'

/** Everything that a pass decides on, and writes down which attempts are mined, or no longer are. */
export async function readSenderView(deps: SenderDeps, sender: SenderAccount, queue: readonly Intent[]) {
  const { chain, account, chainId, limits } = sender
  const attempts = await listUnfinalAttempts(deps.db, { chainId, account: account.address })
  const txHashes = attempts.map((attempt) => attempt.txHash)
  const { head, final, nonceAtHead, nonceAtFinal, receipts } = await chain.readAccount({ account: account.address, txHashes })
  await recordReceipts(deps, attempts, receipts)
  const unfinal = await Promise.all(attempts.map((attempt) => toUnfinal(deps, attempt, receipts)))
  // Where both have one of an id, the queue's is the newer.
  const signed = unfinal.flatMap((attempt) => attempt.intent ?? [])
  const fates = await Promise.all([
    ...signed.map(async (intent) => [intentId(intent), await fateOf(deps, intent, { head, final })] as const),
    ...queue.map(async (intent) => [intentId(intent), await gatedFate(deps, intent, signed, { head, final })] as const),
  ])
  const view: SenderView = {
    ...{ head: head.number, nonceAtHead, nonceAtFinal, queue, limits },
    attempts: unfinal,
    fates: Object.fromEntries(fates),
    market: await chain.readFeeMarket(head),
  }
  return { view, head }
}

async function recordReceipts({ db }: SenderDeps, attempts: readonly Attempt[], receipts: readonly MinedReceipt[]): Promise<void> {
  for (const attempt of attempts) {
    const receipt = receipts.find((one) => one.txHash === attempt.txHash)
    if (receipt !== undefined) {
      const { blockNumber, blockHash, gasUsed, effectiveGasPrice, status } = receipt
      if (attempt.inclusion?.blockHash !== blockHash) {
        await markMined(db, attempt, { minedBlock: blockNumber, blockHash, gasUsed, effectiveGasPrice, status })
      }
    } else if (attempt.inclusion !== null) await unmarkMined(db, attempt)
  }
}

async function toUnfinal(deps: SenderDeps, attempt: Attempt, receipts: readonly MinedReceipt[]): Promise<UnfinalAttempt> {
  const { nonce, maxFeePerGas, maxPriorityFeePerGas, txHash, sentAtBlock } = attempt
  const receipt = receipts.find((one) => one.txHash === txHash)
  return {
    ...{ nonce, attempt: attempt.attempt, txHash, sentAtBlock, fees: { maxFeePerGas, maxPriorityFeePerGas } },
    intent: await intentOf(deps, attempt),
    receipt: receipt === undefined ? null : { blockNumber: receipt.blockNumber, status: receipt.status },
  }
}

/** The intent that an attempt was signed for, from its row. */
async function intentOf(deps: SenderDeps, { purpose }: Attempt): Promise<Intent | null> {
  if (purpose === null) return null
  const { finalProofSha256: sha256, ...rest } = purpose
  const { contract, miner } = deps.rollupOf(purpose.rollup)
  if (sha256 === null) return { ...rest, contract, finalProof: null }
  const proof = await readFinalProof(deps, sha256)
  return { ...rest, contract, finalProof: { sha256, size: proof.length, proofHash: proofHash(proof, miner) } }
}

/** Read at the same two blocks as the account, or a transaction mined in between would be sent twice. */
async function fateOf(deps: SenderDeps, intent: Intent, { head, final }: AgreedBlocks): Promise<IntentFate> {
  const { chain, contract, miner } = deps.rollupOf(intent.rollup)
  const [atHead, atFinal, isContractPaused] = await Promise.all([
    chain.readOnChain({ contract, range: intent, miner, at: head }),
    chain.readOnChain({ contract, range: intent, miner, at: final }),
    chain.isPaused({ contract, at: head }),
  ])
  return judgeIntent(intent, { head: head.number, final: final.number, atHead, atFinal, isContractPaused })
}

/** What held back an intent may have come up while it waited for its nonce; one that is signed may land whatever we wish now. */
async function gatedFate(deps: SenderDeps, intent: Intent, signed: readonly Intent[], blocks: AgreedBlocks): Promise<IntentFate> {
  const fate = await fateOf(deps, intent, blocks)
  const isSigned = signed.some((one) => intentId(one) === intentId(intent))
  if (fate.kind !== 'wanted' || intent.step === 'claim' || isSigned) return fate
  const rollup = deps.rollupOf(intent.rollup)
  const { accInputHash } = await rollup.chain.readOnChain({
    contract: rollup.contract,
    range: intent,
    miner: rollup.miner,
    at: blocks.head,
  })
  if (accInputHash === null) return fate
  const { rollup: name, from, to } = intent
  const sequence = { rollup: name, from, to, accInputHash }
  const why = intent.step === 'commit' ? await whyNotCommit(deps, rollup, sequence) : await whyNotProve(deps, sequence)
  return why === null ? fate : { kind: 'held', why }
}

async function whyNotCommit(deps: SenderDeps, rollup: RollupContext, sequence: SequenceRef): Promise<string | null> {
  const view = await readView(deps, rollup, sequence)
  return blockedCommit(view, view.head.number + 1)?.why ?? null
}

/** Without its statement the proof's calldata can't be made; other rollups' transactions mustn't wait for it. */
const whyNotProve = async (deps: SenderDeps, sequence: SequenceRef): Promise<string | null> =>
  (await findStatement(deps, sequence)) === undefined ? 'its inputs have to be prepared again' : null
