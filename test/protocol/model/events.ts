import type { SequenceView } from '../../../protocol/sequence/view.ts'
import type { Variant } from './contract.ts'

/** What happens in one block besides our own transactions. */
export interface BlockEvent {
  rival: 'none' | 'commit' | 'prove' | 'settle-ours'
  sequence: number
  rivalIsFirst: boolean
  admin: 'none' | 'windows' | 'pause' | 'resume'
  t1: number
  t2: number
  /** Blocks that a reorg takes away before this block is built. */
  reorgDepth: number
  /** Whether the sequencer posts missing sequences in this block, and whether with other data than before. */
  posts: boolean
  hasOtherData: boolean
  isMinerDown: boolean
  cancels: boolean
  pausesOperator: boolean
  /** Whether signed transactions that a reorg brought back land now, wanted or not. */
  relands: boolean
  /** The operator sends coins to our account; a reorg takes none of them back. */
  topsUp: boolean
  /** The sequence whose workflow doesn't look now. @default all look */
  asleep?: number
  /** Whether the block has no room for what we send, so that it waits for the next one. @default no block has */
  isFull?: boolean
}

export const QUIET: BlockEvent = {
  rival: 'none',
  sequence: 0,
  rivalIsFirst: false,
  admin: 'none',
  t1: 0,
  t2: 0,
  reorgDepth: 0,
  posts: true,
  hasOtherData: false,
  isMinerDown: false,
  cancels: false,
  pausesOperator: false,
  relands: true,
  topsUp: false,
}

export interface Setting {
  variant: Variant
  t1: number
  t2: number
  lateBlocks: number
  sequences: number
  stake: number
  /** Coins to pay transactions with. */
  coins: number
  provingBlocks: number
  limits: SequenceView['limits']
}
