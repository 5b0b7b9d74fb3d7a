import { INTENT_STEPS, type Intent } from './intent.ts'

/** Longest text of a signal that is read; names, hashes and amounts are shorter. */
const MAX_TEXT = 1_000

/** Whether something that came by a signal has the form of an intent. Of what it says nothing is believed (`activities/sender/restate-queue.ts`). */
export function isIntent(value: unknown): value is Intent {
  if (!isRecord(value) || !isText(value.rollup) || !isText(value.contract)) return false
  if (!INTENT_STEPS.some((step) => step === value.step)) return false
  if (!isCount(value.firstBlock) || !(value.lastBlock === null || isCount(value.lastBlock))) return false
  if (value.step === 'stake') return typeof value.toWei === 'string' && /^\d{1,30}$/.test(value.toWei)
  if (!isCount(value.from) || !isCount(value.to) || !isText(value.accInputHash)) return false
  return value.step === 'claim' || isProofRef(value.finalProof)
}

const isProofRef = (value: unknown): boolean => isRecord(value) && isText(value.sha256) && isText(value.proofHash) && isCount(value.size)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
