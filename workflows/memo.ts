import * as wf from '@temporalio/workflow'
import { plainText } from '../protocol/base/plain-text.ts'
import type { WorkflowMemo } from '../protocol/temporal/memo.ts'

/** Writes down what has changed, and nothing when all is as it was told: each time costs an event. */
export function tellInMemo({ trouble, ...rest }: WorkflowMemo): void {
  const told = wf.workflowInfo().memo ?? {}
  const memo = { ...rest, ...(trouble !== undefined && { trouble: trouble === null ? null : plainText(trouble) || null }) }
  const changed = Object.entries(memo).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key] ?? null))
  if (changed.length > 0 && wf.patched('memo')) wf.upsertMemo(Object.fromEntries(changed))
}
