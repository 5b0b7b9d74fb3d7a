import type { AgreedBlocks } from '../chain/create-chain.ts'
import type { MinedReceipt } from '../chain/read-account.ts'
import type { Attempt } from '../db/attempt-rows.ts'
import { listUnfinalAttempts, markMined, unmarkMined } from '../db/attempts.ts'
import { type IntentFate, judgeIntent } from '../protocol/intent-fate.ts'
import { proofHash } from '../protocol/proof-hash.ts'
import { type Intent, intentId } from '../protocol/sender-queue.ts'
import type { SenderView, UnfinalAttempt } from '../protocol/sender-view.ts'
import type { SenderAccount, SenderDeps } from './advance-sender.ts'
import { readFinalProof } from './final-proof.ts'

/** Everything that a pass decides on, and writes down which attempts are mined, or no longer are. */
export async function readSenderView(deps: SenderDeps, sender: SenderAccount, queue: readonly Intent[]) {
  const { chain, account, chainId, limits } = sender
  const attempts = await listUnfinalAttempts(deps.db, { chainId, account: account.address })
  const txHashes = attempts.map((attempt) => attempt.txHash)
  const { head, final, nonceAtHead, nonceAtFinal, receipts } = await chain.readAccount({ account: account.address, txHashes })
  await recordReceipts(deps, attempts, receipts)
  const unfinal = await Promise.all(attempts.map((attempt) => toUnfinal(deps, attempt, receipts)))
  // Where both have one of an id, the queue's is the newer.
  const intents = [...unfinal.flatMap((attempt) => attempt.intent ?? []), ...queue]
  const fates = await Promise.all(intents.map(async (intent) => [intentId(intent), await fateOf(deps, intent, { head, final })] as const))
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
  const { chain, contract, miner, deployedAtBlock } = deps.rollupOf(intent.rollup)
  const [atHead, atFinal, { isContractPaused }] = await Promise.all([
    chain.readOnChain({ contract, range: intent, miner, at: head }),
    chain.readOnChain({ contract, range: intent, miner, at: final }),
    chain.readSequence({ contract, range: intent, miner, finalProofBytes: 0, deployedAtBlock }),
  ])
  return judgeIntent(intent, { head: head.number, final: final.number, atHead, atFinal, isContractPaused })
}
