import * as wf from '@temporalio/workflow'
import type { RangeOfSequence, SequenceSetting } from '../protocol/activities.ts'
import { beginJoin, finishSpan, type Join, readyJoins, type Span, splitRange } from '../protocol/aggregation-plan.ts'
import { proveRangeWorkflowId } from '../protocol/ids.ts'
import type { BlobRef } from '../protocol/proof-task.ts'
import { type BatchRange, batchCount, formatRange, type SequenceRef } from '../protocol/sequence.ts'
import type { ProveRangeInput } from '../protocol/workflow-inputs.ts'
import { makeProof, type ProvingEvents } from './prove.ts'

/** Batches whose proofs fit one history: about 25 events a proof, two proofs a batch. */
const MAX_BATCHES_PER_WORKFLOW = 40

/** Proves a part of a big sequence, so that no history grows past a few thousand events. */
export async function proveRange({ sequence, range, setting }: ProveRangeInput): Promise<BlobRef> {
  return proveSpan({ sequence, range }, setting, { onQuarantine: () => {}, onVerified: () => {} })
}

/** One verified proof of the whole range: a batch proof, or an aggregate. */
export async function proveSpan(whole: RangeOfSequence, setting: SequenceSetting, events: ProvingEvents): Promise<BlobRef> {
  const proofs = new Map<string, BlobRef>()
  let spans: Span[] = []
  await Promise.all(leaves(whole.range).map((range) => proveLeaf(range).then((proof) => settle(range, proof))))
  const proof = proofs.get(formatRange(whole.range))
  if (proof === undefined) throw new Error(`The joins of batches ${formatRange(whole.range)} left no proof of the whole.`)
  return proof

  function proveLeaf(range: BatchRange): Promise<BlobRef> {
    if (batchCount(range) > 1) return startSubtree(whole.sequence, range, setting)
    return makeProof({ sequence: whole.sequence, range, stage: 'batch', children: [] }, setting, events)
  }

  /** Takes a verified proof in and makes the joins that it allows; ends when those are made too. */
  async function settle(range: BatchRange, made: BlobRef): Promise<void> {
    proofs.set(formatRange(range), made)
    spans = finishSpan(spans, range)
    const joins = readyJoins(spans)
    for (const pair of joins) spans = beginJoin(spans, pair)
    await Promise.all(joins.map(join))
  }

  async function join([left, right]: Join): Promise<void> {
    const range = { from: left.from, to: right.to }
    const children = [left, right].flatMap((span) => proofs.get(formatRange(span)) ?? [])
    await settle(range, await makeProof({ sequence: whole.sequence, range, stage: 'aggregate', children }, setting, events))
  }
}

/** Single batches, or parts for subtrees where the range is too long for one history. */
function leaves(range: BatchRange): BatchRange[] {
  return splitRange(range, batchCount(range) > MAX_BATCHES_PER_WORKFLOW ? MAX_BATCHES_PER_WORKFLOW : 1)
}

function startSubtree(sequence: SequenceRef, range: BatchRange, setting: SequenceSetting): Promise<BlobRef> {
  return wf.executeChild(proveRange, {
    workflowId: proveRangeWorkflowId({ ...sequence, ...range }, sequence.accInputHash),
    args: [{ sequence, range, setting }],
    staticSummary: `${sequence.rollup}: proofs of batches ${formatRange(range)}`,
  })
}
