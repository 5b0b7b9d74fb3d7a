import type { Address, BatchRange, SequenceRef } from '../base/ranges.ts'
import type { BumpedTransaction, ChangedHold, HoldDecision } from '../operator/requests.ts'
import type { OpenedStake } from '../operator/stake.ts'
import type {
  OpenedTask,
  Preparation,
  ProofRequest,
  ProvedSpan,
  RangeOfSequence,
  ReportedProof,
  StoreAnswer,
  StoreTurn,
  UploadVerdict,
} from '../proof/request.ts'
import type { ProofTask, ProofUpload, ProverFailure } from '../proof/task.ts'
import type { RollupSurvey, SequenceSetting, StartedSequence } from '../rollup/survey.ts'
import type { Intent } from '../sender/intent.ts'
import type { SenderPass } from '../sender/view.ts'
import type { SequenceLook } from '../sequence/look.ts'
import type { Step } from '../sequence/next-step.ts'
import type { ProofReference } from '../sequence/view.ts'
import type { Machine } from './ids.ts'
import type { ProveSequenceInput } from './workflow-inputs.ts'

/** Trusted activities around proving; they run in the aggregator. */
export interface ProvingActivities {
  /**
   * Reads the posted data from the base chain, checks it, executes it and stores one input per batch. It is idempotent.
   */
  prepareSequence(p: { sequence: SequenceRef }): Promise<Preparation>
  /** Finds verified batch and aggregate proofs of the range to begin with, disjoint, lowest first. */
  findProvedSpans(p: RangeOfSequence): Promise<ProvedSpan[]>
  /** Finds a verified proof or an unreported upload of the same identity, or opens a task. It is idempotent. */
  openTask(p: ProofRequest): Promise<OpenedTask>
  /**
   * Verifies an uploaded proof and, if it holds, records it; a final proof is put into the archive too. It is
   * idempotent.
   */
  acceptProof(p: ReportedProof): Promise<UploadVerdict>
  /** Does the same for many, and then what these make possible. It fails if one does, and may have done the others. */
  acceptAndOpen(p: StoreTurn): Promise<StoreAnswer>
  /** Tells whether a prover has taken a task from the queue. */
  hasBegun(p: { workflowId: string; runId: string; activityId: string }): Promise<boolean>
  /** Tells whether a large prover machine has polled for tasks of a kind within the last minutes. */
  hasLargeProver(p: { kind: string }): Promise<boolean>
  /**
   * Tells whether a prover of a class of machines is known that is none of `besides`. It polled within the last
   * minutes. Where any machine will do, it may also have made a proof within the last hours.
   */
  hasOtherProver(p: { kind: string; machine: Machine; besides: string[] }): Promise<boolean>
  /** Puts the task aside for an operator after provers failed it. `failures` is the evidence. */
  quarantineTask(p: { task: ProofTask; reason: string; failures: ProverFailure[] }): Promise<void>
}

/** The one activity of a prover worker. */
export interface ProverActivities {
  /** Makes a proof and uploads its bytes; returns references only. It heartbeats its progress. */
  prove(task: ProofTask): Promise<ProofUpload>
}

/** Activities of the submission loop. */
export interface SubmissionActivities {
  /** Reads the chain and the stores and decides. It also writes the row that lists show. */
  lookAtSequence(p: { sequence: SequenceRef }): Promise<SequenceLook>
  /**
   * Says what operators hold of a sequence and why, from the stores alone. It is null also while our hash is out, or
   * may be.
   */
  findHold(p: { sequence: SequenceRef }): Promise<string | null>
  /** Makes sure that a workflow proves the sequence's data. */
  ensureProving(p: ProveSequenceInput): Promise<void>
  /** Hands an intent to the account's sender, starting it if need be. */
  handIntent(p: {
    sequence: SequenceRef
    step: Step
    finalProof?: ProofReference | null
  }): Promise<{ sender: string } | null>
}

/** Activities of the sender. */
export interface SenderActivities {
  /**
   * Re-reads attempts and chain, decides, stores and broadcasts. It is idempotent: attempts are rows written before
   * they are sent.
   */
  advanceSender(p: { chainId: number; account: Address; queue: Intent[] }): Promise<SenderPass>
  /** Looks at the account's stake in a rollup's contract, and what it takes to make it `toWei`. */
  openStake(p: { chainId: number; account: Address; rollup: string; toWei: string }): Promise<OpenedStake>
}

/** Activities that carry out what admins ask. */
export interface AdminActivities {
  /**
   * Sets a hold or lifts all that an admin has set, and wakes the workflows that it concerns. Doing so again is
   * harmless, but answers that nothing changed.
   */
  changeHold(p: HoldDecision): Promise<ChangedHold>
  /**
   * Marks what is in flight, for the sender to bump its fees; the name is in open histories. @returns what that is.
   */
  hurryTransactions(p: {
    rollup: string
    range: BatchRange | null
    who: string
    reason: string
  }): Promise<BumpedTransaction[]>
}

/** Activities of rollup and chain workflows. */
export interface WatchActivities {
  /**
   * Reads chain and stores for everything that a rollup's workflow decides.
   * @param p.about lists the open sequences that share batches with this range, and no others.
   */
  surveyRollup(p: { rollup: string; about?: BatchRange }): Promise<RollupSurvey>
  /** Starts the workflows of sequences. One that runs already is left as it is. */
  startSequences(p: { rollup: string; sequences: StartedSequence[]; setting: SequenceSetting }): Promise<void>
  /**
   * Follows a chain's blocks and signals whom they concern, until it is time for a new run. It heartbeats every block.
   */
  watchChain(p: { chainId: number }): Promise<{ blocks: number }>
}

/** Everything that the aggregator's workers serve. */
export type TrustedActivities = ProvingActivities &
  SubmissionActivities &
  SenderActivities &
  WatchActivities &
  AdminActivities
