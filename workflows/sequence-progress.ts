import * as wf from '@temporalio/workflow'
import type { SequenceLook, SequencePhase } from '../protocol/activities.ts'
import { proofsNeeded } from '../protocol/aggregation-plan.ts'
import { describeStep, phaseOf } from '../protocol/describe-step.ts'
import type { SequenceStatus } from '../protocol/messages.ts'
import { searchAttributes } from '../protocol/search-attributes.ts'
import { formatRange, type SequenceRef } from '../protocol/sequence.ts'
import type { ProvingEvents } from './prove.ts'

/** Keeps what an operator sees of a sequence: the Query's answer, the Web UI's details and the phase attribute. */
export interface SequenceProgress extends ProvingEvents {
  status(): SequenceStatus
  onLook(look: SequenceLook): void
  onFailure(text: string): void
}

/** @param sequence the sequence as its workflow began; the range never changes. */
export function sequenceProgress(sequence: SequenceRef): SequenceProgress {
  const proved = new Set<string>()
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
    onLook(look) {
      status.step = look.step
      show(phaseOf(look.step), describeStep(look.step))
    },
    onFailure: (text) => show(status.phase, text),
    onQuarantine(reason) {
      status.quarantined = reason
      show(reason === null ? status.phase : 'held', reason ?? status.waitingFor)
    },
    onVerified({ stage, range }) {
      proved.add(`${stage} ${formatRange(range)}`)
      status.proofsDone = proved.size
      show('prove', `${proved.size} of ${status.proofsNeeded} proofs are verified`)
    },
  }

  function show(phase: SequencePhase, text: string): void {
    if (phase !== status.phase || status.step === null) wf.upsertSearchAttributes([{ key: searchAttributes.phase, value: phase }])
    status.phase = phase
    status.waitingFor = text
    wf.setCurrentDetails(details(sequence, status))
  }
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
