import type { Hex } from '../base/ranges.ts'
import type { SequenceLook } from '../temporal/activities.ts'

/**
 * Whether a look says that proofs which are being made can't earn any more, so that machines are needed elsewhere. Our hash outlives a rival's
 * verification and every hold, but other data than those that are proved end it too. What a reorg took away may come back, and is proved on.
 * @param data accumulated input hash of the data that is being proved.
 */
export function endsProving({ view: { atHead, holds }, owesProof }: Pick<SequenceLook, 'view' | 'owesProof'>, data: Hex): boolean {
  if (atHead.accInputHash !== null && atHead.accInputHash !== data) return true
  if (owesProof) return false
  return atHead.isVerified || holds.cancelled !== null || holds.quarantined !== null
}
