import * as wf from '@temporalio/workflow'
import { type BatchRange, batchCount, formatRange, isPartOf } from '../../protocol/base/ranges.ts'
import {
  beginJoin,
  finishSpan,
  gaps,
  type Join,
  pieces,
  readyJoins,
  type Span,
  splitRange,
} from '../../protocol/proof/aggregation-plan.ts'
import type { ProofRequest, RangeOfSequence, ReportedProof } from '../../protocol/proof/request.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { batchAttributes } from '../../protocol/temporal/attributes.ts'
import { proveRangeWorkflowId } from '../../protocol/temporal/ids.ts'
import { holdSignal, liftedSignal, partStatusQuery } from '../../protocol/temporal/messages.ts'
import type { ProveRangeInput } from '../../protocol/temporal/workflow-inputs.ts'
import { failureText, pause, trustedActivities } from '../waiting.ts'
import { proveInRun } from './bounded-run.ts'
import { NOTHING, partProgress, reportToSequence } from './part-progress.ts'
import { makeProof, type ProvingBy, type ProvingEvents } from './prove.ts'
import { quarantineLooks } from './quarantine-looks.ts'
import { storeTurns } from './store-turns.ts'
import { workUnderWay } from './work-under-way.ts'

const trusted = trustedActivities<ProvingActivities>({
  startToCloseTimeout: '1 minute', // it is one query
  // Hours of proving must not end with a store's restart; the looks show that it is away.
  retry: { maximumInterval: '30 seconds' },
})

/** The pause before a part whose run was lost is begun again. Whatever befell it may still last. */
const AFTER_LOSS_MS = 10_000

/**
 * Batches and proofs of earlier runs whose proofs and joins fit one history. A proof takes up to 13 events, those of
 * older runs 25, and a batch is two proofs.
 */
const MAX_PIECES_PER_WORKFLOW = 40

/**
 * Proves a part of a big sequence, so that no history grows past a few thousand events. One that still does continues
 * as new, which whoever waits for the part doesn't notice.
 */
export async function proveRange(input: ProveRangeInput): Promise<BlobRef> {
  const { sequence, range, setting } = input
  const progress = partProgress({ sequence, range }, input)
  wf.setHandler(partStatusQuery, progress.status)
  wf.setHandler(holdSignal, progress.onHold)
  wf.setHandler(liftedSignal, progress.onLifted)
  const underWay = workUnderWay()
  const told = input.before === undefined ? NOTHING : null // an earlier run's last word may be lost
  reportToSequence(progress.status, underWay, told).catch(() => {}) // a cancelled part has nothing to tell
  const by = provingBy({ setting, events: progress, underWay })
  const outcome = await proveInRun(underWay, progress, () => proveSpan({ sequence, range }, by))
  return outcome === null ? wf.continueAsNew<typeof proveRange>({ ...input, ...progress.goingOn() }) : outcome.proved
}

/** Gives a run its own turns at the stores, and its own looks at quarantines. */
export const provingBy = (of: Omit<ProvingBy, 'store' | 'quarantines'>): ProvingBy => ({
  ...of,
  store: storeTurns(),
  quarantines: quarantineLooks(),
})

/**
 * Makes one verified proof of the whole range: a batch proof, or an aggregate. It begins with what an earlier run has
 * left.
 * @param afterwards what is wanted as soon as that holds.
 */
export async function proveSpan(
  whole: RangeOfSequence,
  by: ProvingBy,
  afterwards?: (proof: BlobRef) => ProofRequest,
): Promise<BlobRef> {
  const proofs = new Map<string, BlobRef>()
  let spans: Span[] = []
  const found = await trusted.findProvedSpans.executeWithOptions(
    { summary: `proofs of batches ${formatRange(whole.range)}` },
    [whole],
  )
  const isLeft = leftOf(whole.range, found)
  for (const { from, to, proof } of found)
    if (!isLeft.some((piece) => isPartOf({ from, to }, piece))) keepKnown({ from, to }, proof)
  by.store.foresee(nextOf)
  await Promise.all([makeJoins(), ...isLeft.map(proveLeaf)])
  const proof = proofs.get(formatRange(whole.range))
  if (proof === undefined)
    throw new Error(`The joins of batches ${formatRange(whole.range)} left no proof of the whole.`)
  return proof

  async function proveLeaf(range: BatchRange): Promise<void> {
    if (batchCount(range) > 1) keepKnown(range, await proveSubtree({ ...whole, range }, by))
    else keep(range, await makeProof({ sequence: whole.sequence, range, stage: 'batch', children: [] }, by))
    await makeJoins()
  }

  /** Keeps a proof that nobody has told of yet. */
  function keepKnown(range: BatchRange, proof: BlobRef): void {
    by.events.onVerified({ stage: batchCount(range) > 1 ? 'aggregate' : 'batch', range })
    keep(range, proof)
  }

  function keep(range: BatchRange, proof: BlobRef): void {
    proofs.set(formatRange(range), proof)
    spans = finishSpan(spans, range)
  }

  /** Makes the joins that the proofs allow. It ends when those are made too. */
  async function makeJoins(): Promise<void> {
    const joins = readyJoins(spans)
    for (const pair of joins) spans = beginJoin(spans, pair)
    await Promise.all(joins.map(join))
  }

  async function join([left, right]: Join): Promise<void> {
    const request = joinRequest([left, right], proofs)
    keep(request.range, await makeProof(request, by))
    await makeJoins()
  }

  function joinRequest([left, right]: Join, known: ReadonlyMap<string, BlobRef>): ProofRequest {
    const range = { from: left.from, to: right.to }
    const children = [left, right].flatMap((span) => known.get(formatRange(span)) ?? [])
    return { sequence: whole.sequence, range, stage: 'aggregate', children }
  }

  /** Lists what `makeJoins`, or whoever waits for the whole, asks for once these proofs hold. */
  function nextOf(accepted: readonly ReportedProof[]): ProofRequest[] {
    const name = formatRange(whole.range)
    if (proofs.has(name)) return [] // these aren't proofs of the span
    const known = new Map(proofs)
    const next: ProofRequest[] = []
    let spansThen = spans
    // One after the other, as they are heard: of three neighbours the first two to be there are joined.
    for (const { request, upload } of accepted) {
      known.set(formatRange(request.range), { sha256: upload.sha256, size: upload.size })
      spansThen = finishSpan(spansThen, request.range)
      for (const pair of readyJoins(spansThen)) {
        spansThen = beginJoin(spansThen, pair)
        next.push(joinRequest(pair, known))
      }
    }
    const proof = known.get(name)
    if (proof !== undefined && afterwards !== undefined) next.push(afterwards(proof))
    return next
  }
}

/**
 * Lists what is to be proved. That is single batches, or parts that prove what lies in their range and join it with
 * what is there.
 */
function leftOf(range: BatchRange, found: readonly BatchRange[]): BatchRange[] {
  const all = pieces(range, found, MAX_PIECES_PER_WORKFLOW)
  const isFound = (piece: BatchRange) => found.some((span) => formatRange(span) === formatRange(piece))
  const areMany = found.length > 0 && all.some((piece) => batchCount(piece) > 1 && !isFound(piece))
  // Older runs made parts of long gaps only, and joined all that was there by themselves.
  if (areMany && !wf.patched('parts-of-gaps')) return gaps(range, found).flatMap(leaves)
  return all.filter((piece) => !isFound(piece))
}

function leaves(range: BatchRange): BatchRange[] {
  return splitRange(range, batchCount(range) > MAX_PIECES_PER_WORKFLOW ? MAX_PIECES_PER_WORKFLOW : 1)
}

/**
 * Proves a part, and begins it again by itself when its run is lost. The others are being proved, and what it had made
 * is in the store.
 */
async function proveSubtree(part: RangeOfSequence, by: ProvingBy): Promise<BlobRef> {
  const work = by.underWay.begin('proves')
  try {
    for (;;) {
      try {
        return await runPart(part, by)
      } catch (error) {
        if (!isLost(error) || !wf.patched('lost parts begin again')) throw error
        await pause(
          () => false,
          AFTER_LOSS_MS,
          `the part of batches ${formatRange(part.range)} was lost: ${failureText(error)}`,
        )
      }
    }
  } finally {
    work.end()
  }
}

/**
 * Tells whether a run was lost: it was ended, or failed because it can't be replayed. What an activity fails with for
 * good is the sequence's business.
 */
const isLost = (error: unknown): boolean =>
  error instanceof wf.ChildWorkflowFailure && !(error.cause instanceof wf.ActivityFailure) && !wf.isCancellation(error)

async function runPart({ sequence, range }: RangeOfSequence, { setting, events }: ProvingBy): Promise<BlobRef> {
  const isHeld = events.isHeld()
  const child = await wf.startChild(proveRange, {
    workflowId: proveRangeWorkflowId({ ...sequence, ...range }, sequence.accInputHash),
    args: [{ sequence, range, setting, isHeld }],
    staticSummary: `${sequence.rollup}: proofs of batches ${formatRange(range)}`,
    typedSearchAttributes: batchAttributes({ ...sequence, ...range }, setting),
  })
  let hasEnded = false
  const result = child.result().finally(() => {
    hasEnded = true
  })
  result.catch(() => {}) // it is heard below
  cancelAnyRun(child.workflowId, () => hasEnded)
  // A cancelled child is waited for like any other, because its id is free only when it has ended.
  await wf.CancellationScope.nonCancellable(() =>
    tellDecisions(child, events, { hasEnded: () => hasEnded, told: { isHeld } }),
  )
  return result
}

/**
 * Has a part cancelled together with this scope, whichever run it is in. What Temporal does by itself reaches the first
 * run only, and is lost when the part has continued as new.
 */
function cancelAnyRun(workflowId: string, hasEnded: () => boolean): void {
  wf.CancellationScope.current().cancelRequested.catch(() => {
    if (hasEnded() || !wf.patched('parts-cancelled-in-any-run')) return
    const cancelled = wf.CancellationScope.nonCancellable(() => wf.getExternalWorkflowHandle(workflowId).cancel())
    cancelled.catch(() => {}) // it has ended in this moment
  })
}

/** What whoever proves was last told. `isHeld` is null where nobody knows. */
export interface Told {
  isHeld: boolean | null
  /** A signal is under way. */
  isOnItsWay?: boolean
}

/**
 * Keeps whoever proves informed of what operators decide about the sequence, until it has ended. One signal follows
 * the other's arrival: of two that are under way the server may deliver the older one last.
 */
export async function tellDecisions(
  child: Pick<wf.ExternalWorkflowHandle, 'signal'>,
  events: Pick<ProvingEvents, 'isHeld' | 'lifted'>,
  { hasEnded, told }: { hasEnded(): boolean; told: Told },
): Promise<void> {
  let lifted = events.lifted()
  for (;;) {
    await wf.condition(() => hasEnded() || events.isHeld() !== told.isHeld || events.lifted() !== lifted)
    if (hasEnded()) return
    const isHeld = events.isHeld()
    const [holdChanged, hasLifted] = [isHeld !== told.isHeld, events.lifted() !== lifted]
    told.isHeld = isHeld
    lifted = events.lifted()
    // Either may fail because it has ended in this moment.
    told.isOnItsWay = true
    if (holdChanged) await child.signal(holdSignal, isHeld).catch(() => {})
    if (hasLifted) await child.signal(liftedSignal).catch(() => {})
    told.isOnItsWay = false
  }
}
