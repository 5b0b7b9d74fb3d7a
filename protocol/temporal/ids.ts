import { getAddress } from 'viem/utils'
import type { Address, BatchRange, Hex, SequenceKey, SequenceRef } from '../base/ranges.ts'

/** Task queue of the workflows and the trusted activities. */
export const AGGREGATOR_TASK_QUEUE = 'aggregator'

/**
 * Task queue of preparations, which take up to an hour. It has slots of its own, so that they leave all others to what
 * can't wait.
 */
export const PREPARATION_TASK_QUEUE = 'aggregator/preparation'

/** Classes of prover machines. What a machine of one class ran out of memory for is offered to the larger. */
export const MACHINES = ['standard', 'large'] as const
export type Machine = (typeof MACHINES)[number]

/**
 * Task queue that the prover workers of a rollup kind poll. Large machines poll both of its queues, standard ones their
 * own.
 */
export const proverTaskQueue = (kind: string, machine: Machine = 'standard'): string =>
  machine === 'standard' ? `prover/${kind}` : `prover/${kind}/${machine}`

/** There is one for each base chain. It runs the watcher. */
export const chainWorkflowId = (chainId: number): string => `chain/${chainId}`

/** There is one for each rollup. It keeps the list of its sequences. */
export const rollupWorkflowId = (rollup: string): string => `rollup/${rollup}`

/** There is one for each sequence. The id is the de-duplication: the same range is never worked on twice at a time. */
export const sequenceWorkflowId = (key: SequenceKey): string => `sequence/${key.rollup}/${key.from}-${key.to}`

/**
 * A subtree of a big sequence. The id carries the data's hash, so that a reorg's new data never meets the old subtree.
 */
export const proveRangeWorkflowId = (ref: SequenceRef, hash: Hex): string =>
  `prove/${ref.rollup}/${ref.from}-${ref.to}/${hash.slice(2, 10)}`

/**
 * The batches of a part of a big sequence, from its workflow's id. @returns undefined for the id of another workflow.
 */
export function rangeOfPart(id: string): BatchRange | undefined {
  const [, from, to] = /^prove\/[^/]+\/(\d+)-(\d+)\/\w+$/.exec(id) ?? []
  return from && to ? { from: Number(from), to: Number(to) } : undefined
}

/** There is one for each account and chain. It is the only owner of that account's nonce. */
export const senderWorkflowId = (chainId: number, account: Address): string =>
  `sender/${chainId}/${getAddress(account)}`

/**
 * Inverse of {@link sequenceWorkflowId}.
 * @returns undefined for the id of another workflow.
 */
export function parseSequenceWorkflowId(id: string): SequenceKey | undefined {
  const match = /^sequence\/([^/]+)\/(\d+)-(\d+)$/.exec(id)
  const [, rollup, from, to] = match ?? []
  return rollup && from && to ? { rollup, from: Number(from), to: Number(to) } : undefined
}
