import type { Address, BatchRange, Hex, SequenceRef } from '../base/ranges.ts'
import type { PartStatus, ProvingStatus } from '../proof/status.ts'
import type { SequenceSetting } from '../rollup/survey.ts'
import type { Intent } from '../sender/intent.ts'

/** Names under which the workflows are registered, as types of the Web UI's list. */
export const WORKFLOW_TYPES = {
  chain: 'chain',
  rollup: 'rollup',
  sequence: 'sequence',
  proveSequence: 'proveSequence',
  proveRange: 'proveRange',
  sender: 'sender',
} as const

export interface ChainInput {
  chainId: number
}

export interface RollupInput {
  rollup: string
}

export interface SequenceInput {
  sequence: SequenceRef
  setting: SequenceSetting
  /** Its hash is out, or may be, so it looks before others do. */
  isUrgent?: boolean
  /** The data that a workflow of its own was proving for the run before, and may still prove, and how that stood. */
  proving?: { accInputHash: Hex; status: ProvingStatus | null }
}

export interface ProveSequenceInput extends Pick<SequenceInput, 'sequence' | 'setting'> {
  /** An operator holds the sequence, so no proof is begun until a signal says otherwise. */
  isHeld?: boolean
  /** How the run before stood, which has become too long. It is said until this one knows. */
  before?: Pick<PartStatus, 'proofsDone' | 'quarantined'>
}

export interface ProveRangeInput extends ProveSequenceInput {
  range: BatchRange
}

export interface SenderInput {
  chainId: number
  account: Address
  /** Intents carried over from the run before. */
  queue: Intent[]
}
