import * as wf from '@temporalio/workflow'
import type { SequenceLook, SequencePhase } from '../protocol/activities.ts'
import type { SequenceStatus } from '../protocol/messages.ts'
import type { Step } from '../protocol/next-step.ts'
import { searchAttributes } from '../protocol/search-attributes.ts'
import { batchCount, formatRange, type SequenceRef } from '../protocol/sequence.ts'
import type { ProvingEvents } from './prove.ts'

/** Keeps what an operator sees of a sequence: the Query's answer, the Web UI's details and the phase attribute. */
export interface SequenceProgress extends ProvingEvents {
  status(): SequenceStatus
  onLook(look: SequenceLook, isProving: boolean): void
  onFailure(text: string): void
}

/** @param sequence the sequence as its workflow began; the range never changes. */
export function sequenceProgress(sequence: SequenceRef): SequenceProgress {
  const proved = new Set<string>()
  const status: SequenceStatus = {
    phase: 'prepare',
    waitingFor: 'first look at the chain',
    proofsDone: 0,
    proofsNeeded: 2 * batchCount(sequence), // n batch proofs, n-1 joins, 1 final proof
    step: null,
    quarantined: null,
  }
  return {
    status: () => ({ ...status }),
    onLook(look, isProving) {
      status.step = look.step
      show(phaseOf(look, isProving), waitingFor(look.step))
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

function phaseOf({ step, view }: SequenceLook, isProving: boolean): SequencePhase {
  if (step.kind === 'done') return 'done'
  if (step.kind === 'wait' && step.code === 'held-by-operator') return 'held'
  if (step.kind === 'reprove') return isProving || view.finalProof === null ? 'prove' : 'prepare'
  return 'submit'
}

function waitingFor(step: Step): string {
  switch (step.kind) {
    case 'wait':
    case 'reprove':
      return step.why
    case 'commit':
      return `the hash to be mined${beforeBlock(step.lastBlock)}`
    case 'prove':
      return `the ${step.isLate ? 'late ' : ''}proof to be mined${beforeBlock(step.lastBlock)}`
    case 'claim':
      return 'the claim to be mined'
    case 'done':
      return `nothing: ${step.outcome}`
  }
}

const beforeBlock = (lastBlock: number | null): string => (lastBlock === null ? '' : `, in block ${lastBlock} at the latest`)

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
