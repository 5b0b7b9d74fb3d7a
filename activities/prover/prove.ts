import { setTimeout as plainSleep } from 'node:timers/promises'
import { ApplicationFailure, cancellationSignal, log, sleep } from '@temporalio/activity'
import type { Db } from '../../db/connection/connect.ts'
import { DatabaseAccessError } from '../../db/errors.ts'
import { readBlob } from '../../db/proofs/blobs.ts'
import { UPLOAD_BYTES_LIMIT, uploadProof } from '../../db/proofs/uploads.ts'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { formatRange, type Hex } from '../../protocol/base/ranges.ts'
import type { ProofJob, Prover, ProvingProgress } from '../../protocol/proof/prover.ts'
import {
  ProverDiskFullError,
  ProverMachineError,
  ProverOutOfMemoryError,
  STORE_AWAY_ERRORS,
} from '../../protocol/proof/prover-errors.ts'
import type { ProofTask, ProofUpload } from '../../protocol/proof/task.ts'
import type { ProverActivities } from '../../protocol/temporal/activities.ts'
import { startHeartbeats } from '../heartbeats.ts'
import { isShutdown, workSignal } from './work-signal.ts'

/** What a prover worker needs: its own name, a backend per kind, and a database login that may read and add bytes. */
export interface ProverDeps {
  name: string
  provers: Record<string, Prover>
  db: Db
  /** How long a task stays with a prover that can't make it, ms. @default 30 000 */
  handBackAfterMs?: number
}

/** Between two tries to ask a store that is away. */
const STORE_AGAIN_MS = 1_000

/**
 * How long a finished proof waits for the store after its task was cancelled, ms; at a shutdown the worker is ended by
 * force after 30 s.
 */
const KEEP_PROOF_MS = { cancelled: 5 * 60_000, shutdown: 25_000 }

/**
 * How long a task stays with a prover that can't make it, so that an idle one of these doesn't draw it again and again.
 */
const HAND_BACK_AFTER_MS = 30_000

export class KeyMismatchError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PROVER-KEY-MISMATCH',
    happened: "The circuits or the reference string of a prover are others than the aggregator's.",
    remedy: 'run `npm run setup` at the same version and with the same SRS on the prover machine.',
  }
  override readonly name = 'KeyMismatchError'

  constructor(p: { prover: string; stage: string; expected: Hex; actual: Hex | undefined }) {
    super(`Prover ${p.prover} has the ${p.stage} key ${p.actual ?? '(none)'}; the aggregator asks for ${p.expected}.`)
  }
}

/**
 * Says that no upload of it would ever be taken. Postgres says so in the words for a login without rights, which may be
 * given back.
 */
export class ProofTooLargeError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PROVER-PROOF-TOO-LARGE',
    happened: 'A prover made a proof with more bytes than an upload may have. It is not uploaded.',
    remedy:
      'run `npm run setup` on the prover machine: a proof of the right circuit is far smaller; the task goes to others first.',
  }
  override readonly name = 'ProofTooLargeError'

  constructor({ prover, stage, bytes }: { prover: string; stage: string; bytes: number }) {
    super(`The ${stage} proof that prover ${prover} made has ${bytes} bytes; an upload may have ${UPLOAD_BYTES_LIMIT}.`)
  }
}

export const createProverActivities = (deps: ProverDeps): ProverActivities => ({
  /**
   * It is idempotent: the bytes are content-addressed, and the aggregator looks for earlier uploads before it asks
   * again.
   */
  async prove(task) {
    // The last beat is all that is known of a machine that fell silent.
    const named = (progress: ProvingProgress) => ({ ...progress, prover: deps.name })
    const beat = startHeartbeats(named({ phase: 'reading inputs' }))
    const report = (progress: ProvingProgress) => beat.report(named(progress))
    const work = workSignal()
    try {
      const prover = await proverOrHandBack(deps, task, report)
      const options = { signal: work.signal, onProgress: report }
      const job = await untilReached(deps, () => readJob(deps.db, task), report)
      const made = prover.prove(job, options).catch((error: unknown) => handBackIfUnfit(deps, error, report))
      const { proof, durationMs, peakMemoryBytes } = await made
      const upload = { taskId: task.id, proof, prover: deps.name, durationMs, peakMemoryBytes }
      assertFits(deps, task, proof)
      log.info(`made ${task.stage} ${formatRange(task)} of ${task.rollup} in ${durationMs} ms, task ${task.id}`)
      return await untilStored(() => uploadProof(deps.db, upload), report)
    } catch (error) {
      // What ran out of memory may have ended the worker, too, and is to go to a larger machine.
      throw isShutdown() && !(error instanceof ProverOutOfMemoryError) ? shutdownFailure(deps.name, task) : error
    } finally {
      beat.stop()
      work.release()
    }
  },
})

/** A prover that can't make the task hands it back after a while, and others get it then. */
async function proverOrHandBack(
  deps: ProverDeps,
  task: ProofTask,
  report: (progress: ProvingProgress) => void,
): Promise<Prover> {
  try {
    assertMayProve(deps, task)
    return matchingProver(deps, task)
  } catch (error) {
    return handBack(deps, error, report)
  }
}

/**
 * Hands the task back where the machine is unfit. One without room, or with a part missing, would draw it again and
 * again, each time to fail it.
 */
function handBackIfUnfit(
  deps: ProverDeps,
  error: unknown,
  report: (progress: ProvingProgress) => void,
): Promise<never> {
  const isUnfit = error instanceof ProverDiskFullError || error instanceof ProverMachineError
  return isUnfit ? handBack(deps, error, report) : Promise.reject(error)
}

async function handBack(deps: ProverDeps, why: unknown, report: (progress: ProvingProgress) => void): Promise<never> {
  report({ phase: 'handing the task back' })
  await sleep(deps.handBackAfterMs ?? HAND_BACK_AFTER_MS)
  throw why
}

/** @throws ApplicationFailure when this prover failed the task before, or a proof of it by this prover was refused. */
function assertMayProve({ name }: ProverDeps, task: ProofTask): void {
  if (!task.excludedProvers.includes(name)) return
  throw ApplicationFailure.create({
    type: 'ProverExcludedError',
    message: `Prover ${name} failed ${task.stage} ${formatRange(task)} or returned an invalid proof for it, and leaves it to others.`,
  })
}

function matchingProver({ name, provers }: ProverDeps, task: ProofTask): Prover {
  const prover = Object.hasOwn(provers, task.kind) ? provers[task.kind] : undefined
  const actual = prover?.verificationKeyHashes[task.stage]
  if (prover === undefined || actual !== task.verificationKeyHash) {
    throw new KeyMismatchError({ prover: name, stage: task.stage, expected: task.verificationKeyHash, actual })
  }
  return prover
}

/** @throws ProofTooLargeError */
function assertFits({ name }: ProverDeps, { stage }: ProofTask, proof: Uint8Array): void {
  if (proof.length > UPLOAD_BYTES_LIMIT) throw new ProofTooLargeError({ prover: name, stage, bytes: proof.length })
}

async function readJob(db: Db, task: ProofTask): Promise<ProofJob> {
  const read = ({ sha256 }: { sha256: Hex }) => readBlob(db, sha256)
  return {
    stage: task.stage,
    input: task.input === null ? new Uint8Array() : await read(task.input),
    children: await Promise.all(task.children.map(read)),
  }
}

/** Asks until the store is reached, which may be in a moment; after a while the task is handed back. */
function untilReached<T>(
  deps: ProverDeps,
  read: () => Promise<T>,
  report: (progress: ProvingProgress) => void,
): Promise<T> {
  const deadline = Date.now() + (deps.handBackAfterMs ?? HAND_BACK_AFTER_MS)
  const mayPass = (error: unknown) =>
    error instanceof Error && STORE_AWAY_ERRORS.has(error.name) && Date.now() <= deadline
  return untilPassed(read, { mayPass, wait: () => sleep(STORE_AGAIN_MS) }, (code) =>
    report({ phase: `waiting for the store (${code})` }),
  )
}

/**
 * Stores a finished proof, though the store is away, emptied or locked for a while, and the task is cancelled at the
 * same time: the proof is as good for whoever asks next. It gives up only what the store will never take, and what it
 * hasn't taken long after the cancellation.
 */
async function untilStored(
  upload: () => Promise<ProofUpload>,
  report: (progress: ProvingProgress) => void,
): Promise<ProofUpload> {
  let deadline = Number.POSITIVE_INFINITY
  const cancelled = cancellationSignal()
  const onCancelled = () => {
    deadline = Date.now() + (isShutdown() ? KEEP_PROOF_MS.shutdown : KEEP_PROOF_MS.cancelled)
  }
  if (cancelled.aborted) onCancelled()
  else cancelled.addEventListener('abort', onCancelled, { once: true })
  const mayPass = (error: unknown) =>
    (error instanceof RetryableError || error instanceof DatabaseAccessError) && Date.now() < deadline
  const wait = () => plainSleep(STORE_AGAIN_MS) // Temporal's own ends with the task
  try {
    return await untilPassed(upload, { mayPass, wait }, (code) =>
      report({ phase: `proof is made, waiting for the store (${code})` }),
    )
  } finally {
    cancelled.removeEventListener('abort', onCancelled)
  }
}

interface Patience {
  mayPass(error: unknown): boolean
  wait(): Promise<void>
}

/** Asks the store again as long as what it says may pass. */
async function untilPassed<T>(
  ask: () => Promise<T>,
  { mayPass, wait }: Patience,
  waits: (code: string) => void,
): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!mayPass(error)) throw error
      waits((error as RetryableError).code)
      await wait()
    }
  }
}

/** Makes the failure upon which the workflow gives the task to another machine at once and blames nobody. */
const shutdownFailure = (name: string, task: ProofTask): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'ProverShutdownError',
    message: `Prover ${name} was stopped while it made ${task.stage} ${formatRange(task)}.`,
  })
