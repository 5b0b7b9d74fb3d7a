import type { OperatorConfig, RollupConfig, WatchedAccount } from '../config/types.ts'
import type { BatchRange, SequenceKey } from '../protocol/base/ranges.ts'
import { sequenceWorkflowId } from '../protocol/temporal/ids.ts'
import { UsageError } from './errors.ts'

/**
 * Reads how people name a sequence: its workflow's id, or that without `sequence/`, or with one batch number as lists
 * show it.
 * @throws UsageError
 */
export function parseSequenceId(id: string): SequenceKey {
  const [, rollup = '', from = '', to = from] = /^(?:sequence\/)?([^/\s]+)\/(\d+)(?:-(\d+))?$/.exec(id) ?? []
  const key = { rollup, from: Number(from), to: Number(to) }
  if (rollup !== '' && key.from >= 1 && key.from <= key.to) return key
  throw new UsageError(`"${id}" is not the id of a sequence.`, {
    remedy: `write <rollup>/<first batch>-<last batch>, such as payments/4-6, or ${sequenceWorkflowId({ rollup: 'payments', from: 4, to: 6 })}.`,
  })
}

/** A sequence, or with `range` null a whole rollup. */
export interface Target {
  rollup: string
  range: BatchRange | null
}

/**
 * Reads how people name a sequence or a rollup: a rollup by its name or its workflow's id.
 * @throws UsageError
 */
export function parseTarget(id: string): Target {
  const [, rollup] = /^(?:rollup\/)?([^/\s]+)$/.exec(id) ?? []
  if (rollup !== undefined) return { rollup, range: null }
  const { rollup: name, from, to } = parseSequenceId(id)
  return { rollup: name, range: { from, to } }
}

/** @throws UsageError when the configuration has no rollup of that name. */
export function rollupNamed({ rollups }: OperatorConfig, name: string): RollupConfig<WatchedAccount> {
  const rollup = rollups.find((one) => one.name === name)
  if (rollup !== undefined) return rollup
  const names = rollups.map((one) => one.name).join(', ')
  throw new UsageError(`The configuration has no rollup "${name}".`, { remedy: `name one of: ${names}.` })
}
