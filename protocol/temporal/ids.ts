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
 * Names the task queue that the prover workers of a rollup kind poll. Large machines poll both of its queues, standard
 * ones their own.
 */
export const proverTaskQueue = (kind: string, machine: Machine = 'standard'): string =>
  machine === 'standard' ? `prover/${kind}` : `prover/${kind}/${machine}`

/** Names the chain's workflow. There is one for each base chain, and it runs the watcher. */
export const chainWorkflowId = (chainId: number): string => `chain/${chainId}`

/** Names the rollup's workflow. There is one for each rollup, and it keeps the list of its sequences. */
export const rollupWorkflowId = (rollup: string): string => `rollup/${rollup}`

/**
 * Names the sequence's workflow. There is one for each sequence. The id is the de-duplication: the same range is never
 * worked on twice at a time.
 */
export const sequenceWorkflowId = (key: SequenceKey): string => `sequence/${key.rollup}/${key.from}-${key.to}`

/**
 * Names the workflow of a subtree of a big sequence. The id carries the data's hash, so that a reorg's new data never
 * meets the old subtree.
 */
export const proveRangeWorkflowId = (ref: SequenceRef, hash: Hex): string =>
  `prove/${ref.rollup}/${ref.from}-${ref.to}/${hash.slice(2, 10)}`

/**
 * Reads the batches of a part of a big sequence, from its workflow's id. @returns undefined for the id of another
 * workflow.
 */
export function rangeOfPart(id: string): BatchRange | undefined {
  const [, from, to] = /^prove\/[^/]+\/(\d+)-(\d+)\/\w+$/.exec(id) ?? []
  return from && to ? { from: Number(from), to: Number(to) } : undefined
}

/**
 * Names the sender's workflow. There is one for each account and chain, and it is the only owner of that account's
 * nonce.
 */
export const senderWorkflowId = (chainId: number, account: Address): string =>
  `sender/${chainId}/${getAddress(account)}`

/**
 * Undoes {@link sequenceWorkflowId}.
 * @returns undefined for the id of another workflow.
 */
export function parseSequenceWorkflowId(id: string): SequenceKey | undefined {
  const match = /^sequence\/([^/]+)\/(\d+)-(\d+)$/.exec(id)
  const [, rollup, from, to] = match ?? []
  return rollup && from && to ? { rollup, from: Number(from), to: Number(to) } : undefined
}

/**
 * Reads for which sequence a workflow proves, from the id of one that proves the whole of it.
 * @returns undefined for the id of another workflow.
 */
export function sequenceOfProving(id: string): SequenceKey | undefined {
  const [, rollup, from, to] = /^prove\/([^/]+)\/(\d+)-(\d+)\/\w+$/.exec(id) ?? []
  return rollup && from && to ? { rollup, from: Number(from), to: Number(to) } : undefined
}
