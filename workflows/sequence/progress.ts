import * as wf from '@temporalio/workflow'
import { formatRange, type Hex, type SequenceRef } from '../../protocol/base/ranges.ts'
import { proofsNeeded } from '../../protocol/proof/aggregation-plan.ts'
import type { PartStatus, ProvingStatus } from '../../protocol/proof/status.ts'
import type { SequenceLook, SequencePhase, SequenceStatus } from '../../protocol/sequence/look.ts'
import { phaseOf } from '../../protocol/sequence/look.ts'
import { describeStep } from '../../protocol/sequence/texts.ts'
import { searchAttributes } from '../../protocol/temporal/attributes.ts'
import { proofTally } from '../proof/proof-tally.ts'
import type { ProvingEvents } from '../proof/prove.ts'
import { markdownText, tellInMemo } from '../telling.ts'

/** Keeps what an operator sees of a sequence: the Query's answer, the Web UI's details and the phase attribute. */
export interface SequenceProgress extends ProvingEvents {
  status(): SequenceStatus
  onLook(look: SequenceLook): void
  onFailure(text: string): void
  /**
   * Hears what an operator's hold says, where it forbids proving. It is null where nothing does. Looks say it too, if
   * the chain can be read.
   */
  onHold(held: string | null): void
  onLifted(): void
  /**
   * Begins anew: proofs are made from now on, of these data. What was said of other data, or by parts that have ended,
   * is forgotten.
   */
  onProving(accInputHash: Hex): void
  /** Hears how a part of a long sequence stands. */
  onPart(part: PartStatus): void
  /** Hears how the workflow that proves the sequence stands. */
  onStatus(status: ProvingStatus): void
}

/** @param sequence the sequence as its workflow began; the range never changes. */
export function sequenceProgress(sequence: SequenceRef): SequenceProgress {
  let data = sequence.accInputHash
  let tally = proofTally()
  const parts = new Map<string, PartStatus>()
  let apart: ProvingStatus | null = null
  let said = ''
  let failure: string | null = null
  let isHeld = false
  let isOwed = false
  let lifted = 0
  const status: SequenceStatus = {
    phase: 'prepare',
    waitingFor: 'first look at the chain',
    proofsDone: 0,
    proofsNeeded: proofsNeeded(sequence),
    step: null,
    quarantined: null,
    parts: [],
  }
  return {
    status: () => ({ ...status }),
    isHeld: () => isHeld,
    lifted: () => lifted,
    onLook({ step, owesProof }) {
      status.step = step
      failure = null
      isOwed = owesProof
      isHeld = step.kind === 'wait' && step.code === 'held-by-operator'
      if (step.kind !== 'reprove') forgetTroubles()
      show(phaseOf(step), describeStep(step))
    },
    onFailure(text) {
      failure = text
      show(status.phase, text)
    },
    onHold(held) {
      isHeld = held !== null && !isOwed
      if (isHeld) show('held', held ?? '')
      else if (status.phase === 'held') showProofs()
    },
    onLifted() {
      lifted += 1
    },
    onProving(accInputHash) {
      parts.clear()
      if (accInputHash !== data) {
        tally = proofTally()
        apart = null
      }
      data = accInputHash
    },
    onPart(part) {
      if (part.accInputHash !== data || tally.isProved(part)) return // it comes too late
      parts.set(formatRange(part), part)
      showProofs()
    },
    onStatus(told) {
      if (told.accInputHash !== data) return // it comes too late
      apart = told
      if (status.step === null || status.step.kind === 'reprove' || isHeld) showProofs()
      else count()
    },
    onQuarantine(proof, reason) {
      if (tally.onQuarantine(proof, reason)) show(isHeld ? status.phase : 'proving', said)
    },
    onTrouble(proof, trouble) {
      tally.onTrouble(proof, trouble)
      showProofs()
    },
    onVerified(proof) {
      tally.onVerified(proof)
      for (const [name, part] of parts) if (tally.isProved(part)) parts.delete(name)
      showProofs()
    },
  }

  function forgetTroubles(): void {
    tally.forgetTroubles()
    if (apart !== null)
      apart = {
        ...apart,
        quarantined: null,
        troubles: '',
        parts: apart.parts.map((part) => ({ ...part, quarantined: null })),
      }
  }

  function showProofs(): void {
    count()
    const troubles = apart?.troubles ?? tally.troubles()
    if (isHeld) show(status.phase, said)
    else
      show(
        'proving',
        [`${status.proofsDone} of ${status.proofsNeeded} proofs are verified`, troubles].filter(Boolean).join('; '),
      )
  }

  function count(): void {
    if (apart !== null) {
      const { proofsDone, quarantined, parts } = apart
      return void Object.assign(status, { proofsDone, quarantined, parts })
    }
    status.parts = [...parts.values()].sort((a, b) => a.from - b.from)
    status.proofsDone = status.parts.reduce((sum, part) => sum + part.proofsDone, tally.done())
    const inParts = status.parts.flatMap(({ quarantined }) => quarantined ?? [])
    status.quarantined = [tally.quarantined() ?? [], inParts].flat().join('; ') || null
  }

  /**
   * Shows what the sequence waits for. While a task waits for an operator that is it, whatever else is being proved.
   */
  function show(next: SequencePhase, text: string): void {
    count()
    said = text
    const isAside = next === 'proving' && status.quarantined !== null
    const phase = isAside ? 'held' : next
    if (phase !== status.phase || status.step === null)
      wf.upsertSearchAttributes([{ key: searchAttributes.phase, value: phase }])
    status.phase = phase
    status.waitingFor = isAside ? (status.quarantined ?? text) : text
    wf.setCurrentDetails(details(sequence, data, status))
    tellInMemo({
      trouble: [failure ?? [], status.quarantined ?? [], tally.troubles()].flat().filter(Boolean).join('; '),
    })
  }
}

function details(sequence: SequenceRef, data: Hex, status: SequenceStatus): string {
  return [
    `| ${sequence.rollup} | batches ${formatRange(sequence)} |`,
    '| --- | --- |',
    `| phase | ${status.phase} |`,
    `| waiting for | ${markdownText(status.waitingFor)} |`,
    `| proofs verified | ${status.proofsDone} of ${status.proofsNeeded} |`,
    ...status.parts.map((part) => `| of batches ${formatRange(part)} | ${part.proofsDone} of ${part.proofsNeeded} |`),
    `| data | \`${data}\` |`,
  ].join('\n')
}
