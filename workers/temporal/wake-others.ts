import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import { createWaker, type Waker } from '../../activities/chain/wake.ts'
import { searchAttributes } from '../../protocol/temporal/attributes.ts'
import {
  parseSequenceWorkflowId,
  rollupWorkflowId,
  sequenceOfProving,
  sequenceWorkflowId,
} from '../../protocol/temporal/ids.ts'
import { provingLostSignal } from '../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { type EndedRun, listRunning } from './lost-workflows.ts'

/** Signals on their way get so long within a look, ms. A longer wave goes on beside it. */
const WAVE_MS = 5_000

const WHY = 'a workflow was lost'

/** Wakes those who make up for what was lost, at once and not within a minute. */
export interface OthersWaker {
  /** Wakes whom lost runs concern, and, in any case, all whom a signal hasn't reached. @throws what listing throws. */
  wake(lost: readonly EndedRun[]): Promise<void>
  /** Waits until all are told, or for a while. @throws what a signal failed with; who missed it is told next time. */
  settle(): Promise<void>
  stop(): void
}

/**
 * Makes a waker that tells a few at a time, and each until it has heard it. A rollup sees what a lost sequence was to
 * do, sequences hand over again what a lost sender had, and have proved again what was being proved.
 */
export function createOthersWaker(temporal: Client): OthersWaker {
  const failures: unknown[] = []
  const looks = keepTelling(({ onFailure }) => createWaker(temporal, { onFailure }))
  const proofs = keepTelling(({ onFailure }) => createWaker(temporal, { onFailure, signal: provingLostSignal }))
  return {
    async wake(lost) {
      for (const one of [looks, proofs]) one.tellMissed()
      proofs.waker.add(lost.flatMap(provedFor), WHY)
      looks.waker.add([...new Set(lost.flatMap(rollupOf))], WHY)
      if (lost.some(({ type }) => type === WORKFLOW_TYPES.sender)) looks.waker.add(await listSequences(temporal), WHY)
    },
    async settle() {
      await Promise.all([looks.waker.settle(WAVE_MS), proofs.waker.settle(WAVE_MS)])
      const [failure] = failures.splice(0)
      if (failure !== undefined) throw failure
    },
    stop() {
      for (const { waker } of [looks, proofs]) waker.stop()
    },
  }

  function keepTelling(make: (events: { onFailure(id: string, error: unknown): void }) => Waker) {
    const missed = new Set<string>()
    const waker = make({
      onFailure(id, error) {
        missed.add(id)
        failures.push(error)
      },
    })
    const tellMissed = () => {
      waker.add([...missed], WHY)
      missed.clear()
    }
    return { waker, tellMissed }
  }
}

function rollupOf({ workflowId }: EndedRun): string[] {
  const sequence = parseSequenceWorkflowId(workflowId)
  return sequence === undefined ? [] : [rollupWorkflowId(sequence.rollup)]
}

/** Names the sequence for which a lost run has proved. Parts are none of its business: who waits for one begins it. */
function provedFor({ type, workflowId }: EndedRun): string[] {
  const sequence = type === WORKFLOW_TYPES.proveSequence ? sequenceOfProving(workflowId) : undefined
  return sequence === undefined ? [] : [sequenceWorkflowId(sequence)]
}

/** Lists the sequences that run. Those that have a proof come first, for a hash may be out, and then the lowest. */
async function listSequences(temporal: Client): Promise<string[]> {
  const running = (await listRunning(temporal)).filter(({ type }) => type === WORKFLOW_TYPES.sequence)
  return running.toSorted((a, b) => rank(a) - rank(b)).map(({ workflowId }) => workflowId)
}

function rank({ typedSearchAttributes }: WorkflowExecutionInfo): number {
  const hasProof = typedSearchAttributes.get(searchAttributes.phase) === 'submit'
  const batch = typedSearchAttributes.get(searchAttributes.startBatch) ?? 0
  return hasProof ? batch - Number.MAX_SAFE_INTEGER : batch
}
