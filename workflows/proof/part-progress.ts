import * as wf from '@temporalio/workflow'
import { formatRange } from '../../protocol/base/ranges.ts'
import { proofsOfSpan } from '../../protocol/proof/aggregation-plan.ts'
import type { RangeOfSequence } from '../../protocol/proof/request.ts'
import { hasMoved, type PartStatus, type ProvingStatus, REPORTS } from '../../protocol/proof/status.ts'
import { partSignal } from '../../protocol/temporal/messages.ts'
import type { ProveSequenceInput } from '../../protocol/temporal/workflow-inputs.ts'
import { markdownText, tellInMemo } from '../telling.ts'
import { proofTally } from './proof-tally.ts'
import type { ProvingEvents } from './prove.ts'
import type { WorkUnderWay } from './work-under-way.ts'

/**
 * Keeps what an operator sees of a part of a long sequence, where the part's Query asks and where its sequence's does.
 */
export interface PartProgress extends ProvingEvents {
  status(): PartStatus
  onHold(isHeld: boolean): void
  onLifted(): void
  /** Hears how a part of what it proves stands. */
  onPart(part: PartStatus): void
  whole(): Omit<ProvingStatus, 'end'>
  /** Hears that the stores have said what there is. */
  onLooked(): void
  /** Says what the next run is to know. */
  goingOn(): Pick<ProveSequenceInput, 'isHeld' | 'before'>
}

export function partProgress(
  { sequence, range }: RangeOfSequence,
  start: Pick<ProveSequenceInput, 'isHeld' | 'before'>,
  needed = proofsOfSpan(range),
): PartProgress {
  const tally = proofTally()
  const parts = new Map<string, PartStatus>()
  let { isHeld = false, before } = start
  let lifted = 0
  wf.setCurrentDetails(details(sequence.rollup, status()))
  return {
    status,
    isHeld: () => isHeld,
    lifted: () => lifted,
    onLifted() {
      lifted += 1
    },
    onHold: (next) => show(() => (isHeld = next)),
    onVerified: (proof) => show(() => onVerified(proof)),
    onTrouble: (proof, trouble) => show(() => tally.onTrouble(proof, trouble)),
    onQuarantine: (proof, reason) => show(() => tally.onQuarantine(proof, reason)),
    onPart(part) {
      if (tally.isProved(part)) return // it comes too late
      show(() => parts.set(formatRange(part), part))
    },
    onLooked() {
      if (before !== undefined) show(() => (before = undefined))
    },
    goingOn() {
      const { proofsDone, quarantined } = status()
      return { isHeld, before: { proofsDone, quarantined } }
    },
    whole: () => ({ ...status(), troubles: tally.troubles(), parts: sorted() }),
  }

  function onVerified(proof: Parameters<ProvingEvents['onVerified']>[0]): void {
    tally.onVerified(proof)
    for (const [name, part] of parts) if (tally.isProved(part)) parts.delete(name)
  }

  function sorted(): PartStatus[] {
    return [...parts.values()].sort((a, b) => a.from - b.from)
  }

  function show(change: () => void): void {
    change()
    wf.setCurrentDetails(details(sequence.rollup, status()))
    tellInMemo({ trouble: before?.quarantined ?? tally.quarantined() ?? tally.troubles() })
  }

  function status(): PartStatus {
    const inParts = sorted().flatMap((part) => part.quarantined ?? [])
    const quarantined = before?.quarantined ?? ([tally.quarantined() ?? [], inParts].flat().join('; ') || null)
    return {
      ...{ from: range.from, to: range.to, accInputHash: sequence.accInputHash, quarantined },
      waitingFor:
        quarantined ??
        (isHeld ? 'its sequence is held' : ['proofs are being made', tally.troubles()].filter(Boolean).join('; ')),
      proofsDone: before?.proofsDone ?? sorted().reduce((sum, part) => sum + part.proofsDone, tally.done()),
      proofsNeeded: needed,
    }
  }
}

type Told = Pick<PartStatus, 'proofsDone' | 'quarantined'>

/** How a part stands of which nothing has been told. */
export const NOTHING: Told = { proofsDone: 0, quarantined: null }

/**
 * Tells the sequence how its part stands, now and then, and of quarantined tasks at once. It ends with the workflow.
 * @param last what it was told last. It is null when nobody knows.
 */
export async function reportToSequence(
  status: () => PartStatus,
  underWay: WorkUnderWay,
  last: Told | null,
): Promise<void> {
  const { parent } = wf.workflowInfo()
  if (parent === undefined) return
  const sequence = wf.getExternalWorkflowHandle(parent.workflowId, parent.runId)
  let told = last
  const isNews = (now: PartStatus) =>
    told === null || now.quarantined !== told.quarantined || hasMoved(now, told, REPORTS.ofPart)
  for (;;) {
    await wf.condition(() => isNews(status()))
    told = status()
    const word = underWay.begin('tells')
    await sequence.signal(partSignal, status()).catch(() => {}) // it has ended in this moment
    word.end()
  }
}

function details(rollup: string, status: PartStatus): string {
  return [
    `| ${rollup} | batches ${formatRange(status)} |`,
    '| --- | --- |',
    `| waiting for | ${markdownText(status.waitingFor)} |`,
    `| proofs verified | ${status.proofsDone} of ${status.proofsNeeded} |`,
    `| data | \`${status.accInputHash}\` |`,
  ].join('\n')
}
