import type { AgreedBlock } from '../../chain/endpoints/endpoints.ts'
import type { AccountReceipts } from '../../chain/transactions/read-account.ts'
import type { AccountKey, Attempt, Inclusion } from '../../db/attempts/attempt-rows.ts'
import {
  listFinalReverts,
  listUnfinalAttempts,
  markMined,
  reopenNonces,
  unmarkMined,
} from '../../db/attempts/attempts.ts'
import type { Intent } from '../../protocol/sender/intent.ts'
import { judgeIntents } from '../../protocol/sender/judge.ts'
import { mayBeTooLow } from '../../protocol/sender/nodes-answer.ts'
import { revertsSince } from '../../protocol/sender/retry.ts'
import type { SenderView, UnfinalAttempt } from '../../protocol/sender/view.ts'
import { finalUnknown } from '../../protocol/sequence/texts.ts'
import { readIntentFacts } from './read-intent-facts.ts'
import { restateQueue } from './restate-queue.ts'
import type { SenderAccount, SenderDeps } from './sender-account.ts'

/** A pass's view, with the rows that it was made from. */
interface SenderReading {
  view: SenderView
  head: AgreedBlock
  stored: readonly Attempt[]
  /** For people: why nothing gets final, while something waits for it, and what came that is no intent. */
  troubles: string[]
}

/** Reads everything that a pass decides on, and writes down which attempts are mined, or no longer are. */
export async function readSenderView(
  deps: SenderDeps,
  sender: SenderAccount,
  queue: readonly Intent[],
): Promise<SenderReading> {
  const { chain, chainId, limits } = sender
  const key = { chainId, account: sender.account.address }
  const stored = await listUnfinalAttempts(deps.db, key)
  const txHashes = stored.map((attempt) => attempt.txHash)
  const { head, final, nonceAtHead, nonceAtFinal, ...told } = await chain.readAccount({
    account: key.account,
    txHashes,
  })
  // Else what was signed under such a nonce before would be sent again, whatever is wanted now and however little it
  // offers.
  if (await reopenNonces(deps.db, { ...key, nonce: nonceAtFinal ?? nonceAtHead }))
    return readSenderView(deps, sender, queue)
  const known = stored.map((attempt) => withInclusion(attempt, { nonceAtHead, ...told }))
  await recordInclusions(deps, known)
  const attempts = known.map(toUnfinal)
  const blocks = { head, final }
  const restated = await restateQueue(queue, { deps, sender, blocks, attempts })
  const account = { head: head.number, nonceAtHead, attempts }
  const facts = await readIntentFacts(restated.queue, { deps, sender, blocks, account })
  const view: SenderView = {
    ...{ ...account, queue: restated.queue, limits },
    // Unknown, it is where the nonces begin that aren't called final yet.
    nonceAtFinal: nonceAtFinal ?? Math.min(nonceAtHead, ...stored.map((attempt) => attempt.nonce)),
    toBump: stored.flatMap(({ txHash, bumpRequest }) => (bumpRequest === null ? [] : [txHash])),
    fates: { ...judgeIntents(facts, account), ...restated.fates },
    finalReverts: await readFinalReverts(deps, key, head),
    market: await chain.readFeeMarket(head, { wasRefused: stored.some(({ answer }) => mayBeTooLow(answer)) }),
  }
  const isWaiting = stored.length > 0 || queue.length > 0
  const trouble =
    nonceAtFinal === null && isWaiting
      ? [`finality: ${finalUnknown({ head: head.number, final: final?.number ?? null })}`]
      : []
  return { view, head, stored: known.map(asToldNow), troubles: [...restated.lines, ...trouble] }
}

async function readFinalReverts(
  { db }: SenderDeps,
  key: AccountKey,
  head: AgreedBlock,
): Promise<NonNullable<SenderView['finalReverts']>> {
  const reverts = await listFinalReverts(db, key, { sinceBlock: revertsSince(head.number) })
  return reverts.flatMap(({ purpose: intent, inclusion }) =>
    intent === null || inclusion === null ? [] : [{ intent, blockNumber: inclusion.minedBlock }],
  )
}

/** A stored attempt, and where it stands now. */
interface Known {
  attempt: Attempt
  inclusion: Inclusion | null
  isUntold: boolean
}

/**
 * Adds where an attempt stands. A nonce that isn't used up at the head has nothing mined, whatever receipts say; where
 * none is told, what was noted before stands.
 */
function withInclusion(
  attempt: Attempt,
  { nonceAtHead, receipts, untold }: AccountReceipts & { nonceAtHead: number },
): Known {
  if (attempt.nonce >= nonceAtHead) return { attempt, inclusion: null, isUntold: false }
  if (untold.includes(attempt.txHash))
    return { attempt, inclusion: attempt.inclusion, isUntold: attempt.inclusion === null }
  const receipt = receipts.find((one) => one.txHash === attempt.txHash)
  if (receipt === undefined) return { attempt, inclusion: null, isUntold: false }
  const { blockNumber: minedBlock, blockHash, gasUsed, effectiveGasPrice, status } = receipt
  return { attempt, inclusion: { minedBlock, blockHash, gasUsed, effectiveGasPrice, status }, isUntold: false }
}

/**
 * Gives the row as this pass records it: what ran out of gas in the newest block has to be known before it is signed
 * anew.
 */
const asToldNow = ({ attempt, inclusion }: Known): Attempt => ({ ...attempt, inclusion })

async function recordInclusions({ db }: SenderDeps, known: readonly Known[]): Promise<void> {
  for (const { attempt, inclusion } of known) {
    if (inclusion === null && attempt.inclusion !== null) await unmarkMined(db, attempt)
    if (inclusion !== null && isNews(inclusion, attempt.inclusion)) await markMined(db, attempt, inclusion)
  }
}

const isNews = (told: Inclusion, noted: Inclusion | null): boolean =>
  told.blockHash !== noted?.blockHash || (noted.effectiveGasPrice ?? told.effectiveGasPrice) !== noted.effectiveGasPrice

function toUnfinal({ attempt, inclusion, isUntold }: Known): UnfinalAttempt {
  const { nonce, maxFeePerGas, maxPriorityFeePerGas, txHash, sentAtBlock, answer, purpose: intent } = attempt
  return {
    ...{
      nonce,
      attempt: attempt.attempt,
      intent,
      txHash,
      sentAtBlock,
      answer,
      fees: { maxFeePerGas, maxPriorityFeePerGas },
    },
    receipt: inclusion && { blockNumber: inclusion.minedBlock, status: inclusion.status },
    ...(isUntold && { isUntold }),
  }
}
