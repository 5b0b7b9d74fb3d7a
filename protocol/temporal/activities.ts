import type { Address, BatchRange, SequenceRef } from '../base/ranges.ts'
import type { BlobRef, ProofTask, ProofUpload, ProverFailure, Stage } from '../proof/task.ts'
import type { Intent, IntentStep, StakeIntent } from '../sender/intent.ts'
import type { Step } from '../sequence/next-step.ts'
import type { Holds, SequenceView } from '../sequence/view.ts'
import type { Machine } from './ids.ts'
import type { AdminAnswer } from './messages.ts'
import type { ProveSequenceInput } from './workflow-inputs.ts'

/** What proving a range builds on: the sequence with its data, and the part of it that is meant. */
export interface RangeOfSequence {
  sequence: SequenceRef
  range: BatchRange
}

/** A proof that is wanted. */
export interface ProofRequest extends RangeOfSequence {
  stage: Stage
  /** Verified proofs that the stage joins or wraps, from left to right; empty for a batch. */
  children: BlobRef[]
}

/** Answer to a proof request: it is there already, or here is the task, or provers failed it and an operator must look. */
export type OpenedTask =
  | { status: 'proved'; proof: BlobRef }
  | { status: 'open'; task: ProofTask }
  | { status: 'quarantined'; reason: string }

/** What became of an uploaded proof. */
export type UploadVerdict = { status: 'verified'; proof: BlobRef } | { status: 'refused'; reason: string }

/** What preparing a sequence came to. */
export type Preparation = { status: 'prepared' } | { status: 'quarantined'; reason: string }

/** A verified proof of a part of a sequence. */
export interface ProvedSpan extends BatchRange {
  proof: BlobRef
}

/** Trusted activities around proving; they run in the aggregator. */
export interface ProvingActivities {
  /** Reads the posted data from the base chain, checks it, executes it and stores one input per batch. Idempotent. */
  prepareSequence(p: { sequence: SequenceRef }): Promise<Preparation>
  /** Verified batch and aggregate proofs of the range to begin with, disjoint, lowest first. */
  findProvedSpans(p: RangeOfSequence): Promise<ProvedSpan[]>
  /** Finds a verified proof or an unreported upload of the same identity, or opens a task. Idempotent. */
  openTask(p: ProofRequest): Promise<OpenedTask>
  /** Verifies an uploaded proof and, if it holds, records it; a final proof is put into the archive too. Idempotent. */
  acceptProof(p: { request: ProofRequest; task: ProofTask; upload: ProofUpload }): Promise<UploadVerdict>
  /** Whether a prover has taken a task from the queue. */
  hasBegun(p: { rollup: string; workflowId: string; runId: string; activityId: string }): Promise<boolean>
  /** Whether a large prover machine has polled for tasks of a kind within the last minutes. */
  hasLargeProver(p: { rollup: string; kind: string }): Promise<boolean>
  /**
   * Whether a prover of a class of machines is known that is none of `besides`: it polled within the last minutes, or, where any machine will do, made a
   * proof within the last hours.
   */
  hasOtherProver(p: { rollup: string; kind: string; machine: Machine; besides: string[] }): Promise<boolean>
  /** Puts the task aside for an operator after provers failed it. `failures` is the evidence. */
  quarantineTask(p: { request: ProofRequest; task: ProofTask; reason: string; failures: ProverFailure[] }): Promise<void>
}

/** The one activity of a prover worker. */
export interface ProverActivities {
  /** Makes a proof and uploads its bytes; returns references only. Heartbeats its progress. */
  prove(task: ProofTask): Promise<ProofUpload>
}

/** What one look at a sequence says. */
export interface SequenceLook {
  view: SequenceView
  step: Step
  /** Estimated time until `step.untilBlock` is the head, ms; null when no block is waited for. */
  waitMs: number | null
  /** Our hash is out in a live round, so its proof is owed. */
  owesProof: boolean
}

/** Activities of the submission loop. */
export interface SubmissionActivities {
  /** Reads the chain and the stores and decides. Also writes the row that lists show. */
  lookAtSequence(p: { sequence: SequenceRef }): Promise<SequenceLook>
  /** What operators hold of a sequence and why, from the stores alone; null also while our hash is out, or may be. */
  findHold(p: { sequence: SequenceRef }): Promise<string | null>
  /** Makes sure that a workflow proves the sequence's data. */
  ensureProving(p: ProveSequenceInput): Promise<void>
  /** Hands an intent to the account's sender, starting it if need be. */
  handIntent(p: { sequence: SequenceRef; step: Step }): Promise<{ sender: string } | null>
}

/** What a sequence is at, as search attribute, in lists and in the Web UI. */
export const SEQUENCE_PHASES = ['prepare', 'prove', 'submit', 'held', 'done'] as const
export type SequencePhase = (typeof SEQUENCE_PHASES)[number]

/** One pass of a sender over an account. */
export interface SenderPass {
  /** Intents that are still wanted. */
  queue: Intent[]
  /** Attempts whose nonce isn't final yet. */
  unfinalNonces: number
  /** One line per live nonce or waiting intent, and per intent that this pass dropped. */
  lines: string[]
  /** Look again after, ms; null: only a new intent can change anything. */
  waitMs: number | null
}

/** What asking for a stake comes to. */
export interface OpenedStake {
  answer: AdminAnswer
  /** What is to be sent, now or when it can be; null when there is nothing to send. */
  intent: StakeIntent | null
}

/** Activities of the sender. */
export interface SenderActivities {
  /** Re-reads attempts and chain, decides, stores and broadcasts. Idempotent: attempts are rows written before they are sent. */
  advanceSender(p: { chainId: number; account: Address; queue: Intent[] }): Promise<SenderPass>
  /** Looks at the account's stake in a rollup's contract, and what it takes to make it `toWei`. */
  openStake(p: { chainId: number; account: Address; rollup: string; toWei: string }): Promise<OpenedStake>
}

/** What an admin may decide. */
export const DECISIONS = ['pause', 'resume', 'cancel'] as const
export type Decision = (typeof DECISIONS)[number]

/** What an admin decides about a sequence, or about a whole rollup. */
export interface HoldDecision {
  rollup: string
  /** Null: the whole rollup. */
  range: BatchRange | null
  decision: Decision
  who: string
  reason: string
}

/** What a decision came to. */
export interface ChangedHold {
  /** False: it was so already, or there was nothing to lift. */
  isChanged: boolean
  /** What holds it now, the rollup's hold included; null when nothing does. */
  heldStill: string | null
}

/** A transaction that waits to be mined and is raised. */
export interface HurriedTransaction {
  step: IntentStep
  /** Null for the rollup's stake. */
  range: BatchRange | null
  nonce: number
}

/** Activities that carry out what admins ask. */
export interface AdminActivities {
  /** Sets a hold or lifts all that an admin has set, and wakes the workflows that it concerns. Again is harmless, but answers that nothing changed. */
  changeHold(p: HoldDecision): Promise<ChangedHold>
  /** Marks what is in flight, for the sender to raise its fees. @returns what that is. */
  hurryTransactions(p: { rollup: string; range: BatchRange | null; who: string; reason: string }): Promise<HurriedTransaction[]>
}

/** A posted sequence that may need work. */
export interface SurveyedSequence extends SequenceRef {
  /** Its data is as deep on chain as the configuration asks for. */
  isDeep: boolean
  /** A final proof of it, by us, for this very data. */
  isProved: boolean
  /** What is decided about this sequence alone; left out when nothing is. */
  holds?: Holds
  /** Its workflow runs: nothing is to be started. */
  isRunning?: boolean
  /** Goes on whatever is held: its hash is out or may yet land, or something is left to settle or to say. Left out of unverified ones that nothing holds. */
  isOwed?: boolean
}

/** A rollup as the chain and the stores see it. */
export interface RollupSurvey {
  lastVerifiedBatch: number
  lastBatchSequenced: number
  /**
   * Sequences that are unverified, or in whose round our hash stands without our accepted proof or unsettled; lowest first. Of those without a
   * final proof no more than `maxUnproved`. Before them what is over, and hasn't said how it ended. A survey leaves out those that run and need
   * nothing, and lists no more than a history bears.
   */
  open: SurveyedSequence[]
  /** Such sequences in all, those that `open` leaves out too. */
  openInAll?: number
  /** How many of these are neither proved nor begun, because of `maxUnproved`. */
  beyondReach?: number
  /** How many may be unproved at a time. */
  maxUnproved: number
  /** The operator's pause or cancel of the whole rollup. */
  held: string | null
  /** Why nothing of it is called final, for people; left out while that is known. */
  finality?: string
  /** The whole rollup is cancelled, not only paused. */
  isCancelled?: boolean
  /** Look again after, ms, even without a signal. */
  waitMs: number
  /** What every sequence of the rollup is started with. */
  setting: SequenceSetting
}

/** What a sequence's workflows need to know of the configuration. */
export interface SequenceSetting {
  chainId: number
  miner: Address
  /** The rollup kind: names the task queue of its provers. */
  kind: string
  /** Share of the provers among rollups, 1 is normal. */
  weight: number
}

/** A sequence whose workflow is to be started. */
export interface StartedSequence extends SequenceRef {
  /** Its hash is out, or may be. */
  isUrgent: boolean
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
  /** Follows a chain's blocks and signals whom they concern, until it is time for a new run. Heartbeats every block. */
  watchChain(p: { chainId: number }): Promise<{ blocks: number }>
}

/** Everything that the aggregator's workers serve. */
export type TrustedActivities = ProvingActivities & SubmissionActivities & SenderActivities & WatchActivities & AdminActivities

/** A reference that the store no longer holds: names the failure that makes a workflow plan anew. */
export const BLOB_MISSING = 'BlobMissingError'
