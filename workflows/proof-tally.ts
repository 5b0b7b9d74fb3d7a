import type { ProofRequest } from '../protocol/activities.ts'
import { proofsMade } from '../protocol/aggregation-plan.ts'
import { type BatchRange, formatRange } from '../protocol/sequence.ts'

type Proof = Pick<ProofRequest, 'stage' | 'range'>

/** What was proved in this run, and which tasks an operator has to look at. */
export interface ProofTally {
  /** Verified proofs, those beneath a proof of an earlier run included. */
  done(): number
  isProved(range: BatchRange): boolean
  /** Tasks that are quarantined, with the reason; null when none is. */
  quarantined(): string | null
  onVerified(proof: Proof): void
  /** @returns whether that is news. */
  onQuarantine(proof: Proof, reason: string | null): boolean
  forgetQuarantines(): void
}

export function proofTally(): ProofTally {
  const proved: Proof[] = []
  const quarantines = new Map<string, string>()
  return {
    done: () => proofsMade(proved),
    isProved: ({ from, to }) => proved.some(({ range }) => range.from <= from && to <= range.to),
    quarantined: () => [...quarantines].map(([task, why]) => `${task}: ${why}`).join('; ') || null,
    onVerified: ({ stage, range }) => void proved.push({ stage, range }),
    onQuarantine({ stage, range }, reason) {
      const name = `${stage} ${formatRange(range)}`
      if (reason === null) return quarantines.delete(name)
      const isNews = quarantines.get(name) !== reason
      quarantines.set(name, reason)
      return isNews
    },
    forgetQuarantines: () => quarantines.clear(),
  }
}
