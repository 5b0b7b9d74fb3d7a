import type { Hex } from '../../../protocol/base/ranges.ts'
import { claim, commit, copyChain, type ModelChain, pause, prove, settle } from './contract.ts'
import type { BlockEvent } from './events.ts'

/** A transaction of ours. */
export interface Attempt {
  kind: 'commit' | 'prove' | 'claim'
  index: number
  hash: Hex
  data: Hex
  /** Null while it is in the mempool. */
  block: number | null
  /** Whether a full block kept it waiting. */
  hasWaited?: boolean
}

/** Lets the contract execute it. @returns why it reverts, or null. */
export function execute(chain: ModelChain, { kind, index, hash, data }: Attempt): string | null {
  if (kind === 'commit') return commit(chain, 'us', index, hash)
  if (kind === 'prove') return prove(chain, 'us', index, { hash, data })
  return claim(chain, index) ? null : 'NothingToClaim'
}

export function actAsRival(chain: ModelChain, { rival, sequence }: BlockEvent): void {
  const index = sequence % chain.sequences.length
  const data = chain.sequences[index]?.data
  if (!data || rival === 'none') return
  const trial = copyChain(chain)
  const hash: Hex = `0xcafe${data.slice(2)}`
  const isDone =
    rival === 'commit'
      ? commit(trial, 'rival', index, hash) === null
      : rival === 'prove'
        ? prove(trial, 'rival', index, { hash, data }) === null
        : chain.variant === 'strict' && settle(trial, 'us', index)
  if (isDone) Object.assign(chain, trial)
}

export function actAsAdmin(chain: ModelChain, { admin, t1, t2 }: BlockEvent): void {
  if (admin === 'windows') Object.assign(chain, { t1, t2 })
  if (admin === 'pause' && !chain.isPaused) pause(chain)
  if (admin === 'resume') chain.isPaused = false
}
