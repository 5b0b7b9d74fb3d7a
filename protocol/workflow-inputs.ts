import type { SequenceSetting } from './activities.ts'
import type { Intent } from './sender-queue.ts'
import type { Address, BatchRange, SequenceRef } from './sequence.ts'

/** Names under which the workflows are registered, as types of the Web UI's list. */
export const WORKFLOW_TYPES = {
  chain: 'chain',
  rollup: 'rollup',
  sequence: 'sequence',
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
  /** Its hash is out, or may be: it looks before others do. */
  isUrgent?: boolean
}

export interface ProveRangeInput extends SequenceInput {
  range: BatchRange
  /** An operator holds the sequence: no proof is begun until a signal says otherwise. */
  isHeld?: boolean
}

export interface SenderInput {
  chainId: number
  account: Address
  /** Intents carried over from the run before. */
  queue: Intent[]
}
