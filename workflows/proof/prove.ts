import * as wf from '@temporalio/workflow'
import { plainText } from '../../protocol/base/plain-text.ts'
import { heardReport } from '../../protocol/proof/prover-words.ts'
import { type ProofRequest, proofName } from '../../protocol/proof/request.ts'
import { type BlobRef, type ProofTask, type ProofUpload, STAGE_PRIORITY } from '../../protocol/proof/task.ts'
import type { SequenceSetting } from '../../protocol/rollup/survey.ts'
import type { ProverActivities } from '../../protocol/temporal/activities.ts'
import { type Machine, proverTaskQueue } from '../../protocol/temporal/ids.ts'
import { pause } from '../waiting.ts'
import { attemptLog, type FailedAttempt, LAST, LAST_PRIORITY } from './attempt-log.ts'
import { failedAttempt, wasNeverBegun } from './prover-failure.ts'
import type { QuarantineLooks } from './quarantine-looks.ts'
import { type ProofStore, trusted } from './store-turns.ts'
import type { WorkUnderWay } from './work-under-way.ts'

/**
 * Times after which, doubled each time, the store is looked at again for what a prover that was given up may have made
 * since.
 */
const LATE_LOOK_MS = { first: 30_000, longest: 600_000 }

/** How asking provers ended. A worker's words are in `report` alone, so that none of them can be taken for ours. */
type Asked = { kind: 'made'; report: ProofUpload } | { kind: 'late'; proof: BlobRef } | { kind: 'withdrawn' }

/** What a proof tells the workflow that wants it. */
export interface ProvingEvents {
  /** Hears why the proof can't go on without an operator. It is null when it goes on. */
  onQuarantine(request: ProofRequest, reason: string | null): void
  /** Hears that an attempt failed and is tried again, and how it goes. */
  onTrouble(request: ProofRequest, trouble: string): void
  /**
   * Tells whether an operator holds the sequence while no hash is out, so no proof is begun. What is being made is
   * finished.
   */
  isHeld(): boolean
  /** Counts how often operators have lifted quarantines. */
  lifted(): number
  /** Hears that there is a verified proof, whoever made it and when. */
  onVerified(proof: Pick<ProofRequest, 'stage' | 'range'>): void
}

/** With what, and for whom, a workflow proves. */
export interface ProvingBy {
  setting: SequenceSetting
  events: ProvingEvents
  store: ProofStore
  quarantines: QuarantineLooks
  underWay: WorkUnderWay
}

/**
 * Gets one verified proof: from the store if it is there, else from a prover. It returns a reference.
 * The store is asked before every attempt, so what a dead prover had uploaded is used.
 */
export async function makeProof(
  request: ProofRequest,
  { setting, events, store, quarantines, underWay }: ProvingBy,
): Promise<BlobRef> {
  const name = proofName(request)
  const attempts = attemptLog()
  let givenUpBefore = false
  let ranOutOfMemory = false
  let quarantineLooks = 0
  const work = underWay.begin('looks')
  try {
    for (;;) {
      work.does('waits')
      if (events.isHeld()) await wf.condition(() => !events.isHeld())
      work.does('looks')
      const lifted = events.lifted()
      const opened = await store.openTask(request)
      if (opened.status === 'quarantined') {
        events.onQuarantine(request, opened.reason)
        work.does('waits')
        await quarantines.untilDue({
          looks: quarantineLooks++,
          isLifted: () => events.lifted() > lifted,
          summary: `${name} is quarantined: ${opened.reason}`,
        })
        continue
      }
      events.onQuarantine(request, null)
      quarantineLooks = 0
      work.does('proves')
      const proof = opened.status === 'proved' ? opened.proof : await attempt(opened.task)
      if (proof === null) continue
      events.onVerified(request)
      return proof
    }
  } finally {
    work.end()
  }

  async function attempt(opened: ProofTask): Promise<BlobRef | null> {
    const machine = ranOutOfMemory || attempts.mayLackMemory() ? await findMachine(opened, name) : 'standard'
    const task = await keepFromFailed(opened, machine)
    let asked: Asked
    try {
      asked = await untilMade(task, machine)
    } catch (error) {
      return onFailure(task, error)
    }
    if (asked.kind === 'made') return accept(task, asked.report)
    return asked.kind === 'late' ? asked.proof : null
  }

  async function accept(task: ProofTask, upload: ProofUpload): Promise<BlobRef | null> {
    const verdict = await store.acceptProof({ request, upload })
    if (verdict.status === 'verified') return verdict.proof
    return note(task, { kind: 'refused', prover: upload.prover, why: plainText(verdict.reason) })
  }

  /**
   * Waits until it is made. `made`: a prover says so. `late`: one that was given up has put it into the store after
   * all. `withdrawn`: the sequence was held before one had begun.
   */
  async function untilMade(task: ProofTask, machine: Machine): Promise<Asked> {
    const activityId = `${name}, ${wf.uuid4()}` // a withdrawn one's may still be known to the server
    const scope = new wf.CancellationScope()
    let hasEnded = false
    const made = scope
      .run(
        async (): Promise<Asked> => ({
          kind: 'made',
          report: await requestProof(task, setting, { name, machine, isLast: attempts.comesLast(), activityId }),
        }),
      )
      .finally(() => {
        hasEnded = true
      })
    made.catch(() => {}) // it is heard below
    for (let lookAgainMs = LATE_LOOK_MS.first; ; lookAgainMs = Math.min(2 * lookAgainMs, LATE_LOOK_MS.longest)) {
      const isAwaited = () => hasEnded || events.isHeld()
      if (!givenUpBefore) await wf.condition(isAwaited)
      else if (!(await wf.condition(isAwaited, lookAgainMs, { summary: `${name}: has the one before finished?` }))) {
        const late = await lookForLate()
        if (late === null) continue
        scope.cancel()
        return { kind: 'late', proof: late }
      }
      if (hasEnded) return made
      if (!(await hasBegun(activityId))) break
      await wf.condition(() => hasEnded || !events.isHeld())
    }
    scope.cancel()
    return made.catch((error) => (wf.isCancellation(error) ? { kind: 'withdrawn' } : Promise.reject(error)))
  }

  /** Looks for a proof of a machine that was given up. It may work on, and what it has made is as good. */
  async function lookForLate(): Promise<BlobRef | null> {
    const opened = await store.openTask(request)
    return opened.status === 'proved' ? opened.proof : null
  }

  /**
   * Keeps the task from those that failed it. One broken machine must not have every attempt while healthy ones are
   * busy. Others come first, as long as there are any that the task would be offered to.
   */
  async function keepFromFailed(task: ProofTask, machine: Machine): Promise<ProofTask> {
    if (!attempts.othersFirst()) return task
    const excludedProvers = [...new Set([...task.excludedProvers, ...attempts.failedOn()])]
    const summary = `${name}: may another prover take it?`
    const asked = { kind: task.kind, machine, besides: excludedProvers }
    const areKnown = await trusted.hasOtherProver.executeWithOptions({ summary }, [asked])
    attempts.onOthers(areKnown)
    return areKnown ? { ...task, excludedProvers } : task
  }

  async function onFailure(task: ProofTask, error: unknown): Promise<null> {
    if (wf.isCancellation(error)) throw error
    if (wasNeverBegun(error)) {
      if (attempts.comesLast()) attempts.passOver()
      return null
    }
    const failed = failedAttempt(error)
    givenUpBefore ||= failed.kind === 'silent' || failed.kind === 'overdue'
    ranOutOfMemory ||= failed.kind === 'ProverOutOfMemoryError'
    return note(task, failed)
  }

  /** Tries again after a pause, or has an operator look. */
  async function note(task: ProofTask, failure: FailedAttempt): Promise<null> {
    const before = attempts.failures()
    const reason = attempts.note(failure, new Date().toISOString())
    if (reason !== null) {
      const set = { task, reason, failures: attempts.evidence() }
      attempts.clear()
      await trusted.quarantineTask.executeWithOptions({ summary: `${name}: quarantine` }, [set])
      return null
    }
    if (attempts.trouble() !== '') events.onTrouble(request, attempts.trouble())
    const failures = attempts.failures()
    if (failures > before) await pause(() => false, failures * 2_000, `${name} ${attempts.trouble()}`)
    return null
  }
}

/**
 * Says where a task is to be made that took more memory than a machine had: on a large one if there is any, else where
 * it was.
 */
async function findMachine({ kind }: ProofTask, name: string): Promise<Machine> {
  const summary = `${name} needs memory: is there a large prover?`
  return (await trusted.hasLargeProver.executeWithOptions({ summary }, [{ kind }])) ? 'large' : 'standard'
}

function hasBegun(activityId: string): Promise<boolean> {
  const { workflowId, runId } = wf.workflowInfo()
  return trusted.hasBegun.executeWithOptions({ summary: 'is held: has a prover begun?' }, [
    { workflowId, runId, activityId },
  ])
}

interface Offer {
  name: string
  machine: Machine
  /** The task is offered behind all others, for a while. */
  isLast: boolean
  activityId: string
}

async function requestProof(
  task: ProofTask,
  setting: SequenceSetting,
  { name, machine, isLast, activityId }: Offer,
): Promise<ProofUpload> {
  const { prove } = wf.proxyActivities<ProverActivities>({
    taskQueue: proverTaskQueue(setting.kind, machine),
    startToCloseTimeout: '12 hours', // the slowest honest proof known takes hours on one machine
    heartbeatTimeout: '30 seconds', // a prover beats every 5 s; its task is elsewhere within a minute of its death
    cancellationType: wf.ActivityCancellationType.TRY_CANCEL, // a dead machine must not hold up a cancelled sequence
    retry: { maximumAttempts: 1 }, // the store is asked before every attempt, so the workflow counts them
    priority: {
      priorityKey: isLast ? LAST_PRIORITY : STAGE_PRIORITY[task.stage],
      fairnessKey: task.rollup,
      fairnessWeight: setting.weight,
    },
    summary: name,
    activityId,
    ...(machine === 'large' && { scheduleToStartTimeout: '10 minutes' }), // if it has gone meanwhile, others try again
    ...(isLast && { scheduleToStartTimeout: LAST.waitMs }), // however much else there is to do, it gets its turn
  })
  return heardReport(await prove(task))
}
