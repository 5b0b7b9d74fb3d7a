import { sequenceWorkflowId } from '../protocol/ids.ts'
import type { SequenceKey } from '../protocol/sequence.ts'
import { UsageError } from './errors.ts'

/**
 * Reads how people name a sequence: its workflow's id, or that without `sequence/`, or with one batch number as lists show it.
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
