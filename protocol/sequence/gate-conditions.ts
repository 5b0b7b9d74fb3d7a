/** Why a new hash is held back (docs/design.md#before-a-hash-is-sent). */
export type GateCondition =
  | 'held-by-operator'
  | 'contract-paused'
  | 'other-block-numbers'
  | 'sequencing-not-deep'
  | 'reward-too-small'
  | 'proof-not-stored'
  | 'proof-not-accepted'
  | 'windows-overflow'
  | 'stake-short'
  | 'balance-short'
  | 'commit-window-closing'
  | 'old-hash-counts'
  | 'late-proof-owed'
  | 'predecessor-uncommitted'
  | 'predecessor-windows-tight'
  | 'too-far-ahead'
  | 'hash-reverts'
  | 'proof-reverts'
  | 'proof-too-large'
  | 'gas-unknown'
  | 'gas-above-limit'
  | 'fee-cap-low'

/** A condition that isn't met, in words for the operator. */
export interface Blocked {
  condition: GateCondition
  why: string
  /** It is worth looking again when this block is the head; null when only an event helps. */
  untilBlock: number | null
}

/** Makes a condition that isn't met. */
export const blocked = (condition: GateCondition, why: string, untilBlock: number | null = null): Blocked => ({
  condition,
  why,
  untilBlock,
})
