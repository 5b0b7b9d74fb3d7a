import * as wf from '@temporalio/workflow'
import type { SequenceLook, SequencePhase } from '../protocol/activities.ts'
import { proofsNeeded, widestSpans } from '../protocol/aggregation-plan.ts'
import { describeStep, phaseOf } from '../protocol/describe-step.ts'
import type { SequenceStatus } from '../protocol/messages.ts'
import { searchAttributes } from '../protocol/search-attributes.ts'
import { type BatchRange, batchCount, formatRange, type SequenceRef } from '../protocol/sequence.ts'
import type { ProvingEvents } from './prove.ts'

/** Keeps what an operator sees of a sequence: the Query's answer, the Web UI's details and the phase attribute. */
export interface SequenceProgress extends ProvingEvents {
  status(): SequenceStatus
  onLook(look: SequenceLook): void
  onFailure(text: string): void
}

/** @param sequence the sequence as its workflow began; the range never changes. */
export function sequenceProgress(sequence: SequenceRef): SequenceProgress {
  const proved: BatchRange[] = []
  let isFinalProved = false
  const quarantines = new Map<string, string>()
  let said = ''
  let isHeld = false
  const status: SequenceStatus = {
    phase: 'prepare',
    waitingFor: 'first look at the chain',
    proofsDone: 0,
    proofsNeeded: proofsNeeded(sequence),
    step: null,
    quarantined: null,
  }
  return {
    status: () => ({ ...status }),
    isHeld: () => isHeld,
    onLook(look) {
      status.step = look.step
      isHeld = look.step.kind === 'wait' && look.step.code === 'held-by-operator'
      if (look.step.kind !== 'reprove') noteQuarantines(() => quarantines.clear())
      show(phaseOf(look.step), describeStep(look.step))
    },
    onFailure: (text) => show(status.phase, text),
    onQuarantine({ stage, range }, reason) {
      const name = `${stage} ${formatRange(range)}`
      if (reason === null && !quarantines.has(name)) return
      noteQuarantines(() => (reason === null ? quarantines.delete(name) : quarantines.set(name, reason)))
      show('prove', said)
    },
    onVerified({ stage, range }) {
      proved.push(range)
      isFinalProved ||= stage === 'final'
      status.proofsDone = proofsMade(proved) + Number(isFinalProved)
      if (!isHeld) show('prove', `${status.proofsDone} of ${status.proofsNeeded} proofs are verified`)
    },
  }

  function noteQuarantines(change: () => void): void {
    change()
    status.quarantined = [...quarantines].map(([task, why]) => `${task}: ${why}`).join('; ') || null
  }

  /** While a task waits for an operator, that is what the sequence waits for, whatever else is being proved. */
  function show(next: SequencePhase, text: string): void {
    said = text
    const isAside = next === 'prove' && status.quarantined !== null
    const phase = isAside ? 'held' : next
    if (phase !== status.phase || status.step === null) wf.upsertSearchAttributes([{ key: searchAttributes.phase, value: phase }])
    status.phase = phase
    status.waitingFor = isAside ? (status.quarantined ?? text) : text
    wf.setCurrentDetails(details(sequence, status))
  }
}

/** Batch proofs and joins beneath the proofs of these ranges, which may come from an earlier run: n of a range's batches take 2n-1. */
function proofsMade(ranges: readonly BatchRange[]): number {
  return widestSpans(ranges).reduce((sum, span) => sum + 2 * batchCount(span) - 1, 0)
}

function details(sequence: SequenceRef, status: SequenceStatus): string {
  return [
    `| ${sequence.rollup} | batches ${formatRange(sequence)} |`,
    '| --- | --- |',
    `| phase | ${status.phase} |`,
    `| waiting for | ${status.waitingFor.replaceAll('|', '/').replaceAll('\n', ' ')} |`,
    `| proofs verified | ${status.proofsDone} of ${status.proofsNeeded} |`,
    `| data | \`${sequence.accInputHash}\` |`,
  ].join('\n')
}
