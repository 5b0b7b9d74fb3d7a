import type { BatchRange } from '../../protocol/base/ranges.ts'
import { proofsMade } from '../../protocol/proof/aggregation-plan.ts'
import { type ProofRequest, proofName } from '../../protocol/proof/request.ts'

type Proof = Pick<ProofRequest, 'stage' | 'range'>

/** What was proved in this run, and which tasks an operator has to look at. */
export interface ProofTally {
  /** Counts verified proofs, those beneath a proof of an earlier run included. */
  done(): number
  isProved(range: BatchRange): boolean
  /** Names the tasks that are quarantined, with the reason. It is null when none is. */
  quarantined(): string | null
  /** Says how proofs go that failed and are tried again. It is empty when there are none. */
  troubles(): string
  onVerified(proof: Proof): void
  onTrouble(proof: Proof, trouble: string): void
  /** @returns whether that is news. */
  onQuarantine(proof: Proof, reason: string | null): boolean
  /** Forgets troubles, those of quarantined tasks too. */
  forgetTroubles(): void
}

export function proofTally(): ProofTally {
  const proved: Proof[] = []
  const quarantines = new Map<string, string>()
  const troubles = new Map<string, string>()
  return {
    done: () => proofsMade(proved),
    isProved: ({ from, to }) => proved.some(({ range }) => range.from <= from && to <= range.to),
    quarantined: () => [...quarantines].map(([task, why]) => `${task}: ${why}`).join('; ') || null,
    troubles: () => sayTroubles([...troubles].map(([task, trouble]) => `${task} ${trouble}`)),
    onVerified(proof) {
      proved.push(proof)
      troubles.delete(proofName(proof))
    },
    onTrouble: (proof, trouble) => void troubles.set(proofName(proof), trouble),
    onQuarantine(proof, reason) {
      const name = proofName(proof)
      if (reason === null) return quarantines.delete(name)
      troubles.delete(name)
      const isNews = quarantines.get(name) !== reason
      quarantines.set(name, reason)
      return isNews
    },
    forgetTroubles() {
      quarantines.clear()
      troubles.clear()
    },
  }
}

function sayTroubles(all: string[]): string {
  const more = all.length > MAX_TROUBLES ? [`${all.length - MAX_TROUBLES} more failed and are tried again`] : []
  return [...all.slice(0, MAX_TROUBLES), ...more].join('; ')
}

/** As many are told in full. */
const MAX_TROUBLES = 3
