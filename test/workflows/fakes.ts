import { ApplicationFailure, cancelled, heartbeat } from '@temporalio/activity'
import { type BatchRange, formatRange, type Hex, type SequenceRef } from '../../protocol/base/ranges.ts'
import type { ProofRequest, ProvedSpan } from '../../protocol/proof/request.ts'
import type { BlobRef, ProofTask, ProofUpload, ProverFailure, Stage } from '../../protocol/proof/task.ts'
import type { SequenceSetting } from '../../protocol/rollup/survey.ts'
import type { SequenceLook } from '../../protocol/sequence/look.ts'
import type { Step } from '../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'
import type { ProverActivities, ProvingActivities } from '../../protocol/temporal/activities.ts'
import { view } from '../protocol/sequence/views.ts'

export const MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** Makes 32 bytes that stand for something. */
export const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

export const DATA = hash(0xda)

export const setting = (kind: string): SequenceSetting => ({ chainId: 31337, miner: MINER, kind, weight: 1 })

export const sequenceRef = (rollup: string, range: BatchRange, accInputHash = DATA): SequenceRef => ({
  rollup,
  ...range,
  accInputHash,
})

/** Names a task: `batch 1`, `aggregate 1-3`, `final 1-3`. */
const nameOf = ({ stage, ...range }: BatchRange & { stage: Stage }): string => `${stage} ${formatRange(range)}`

/** A promise that a test keeps when it likes. */
export interface Gate {
  open(): void
  passed: Promise<void>
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, passed: promise }
}

/** Makes what a look answers for a step. */
export function look(
  step: Step,
  { waitMs = null, ...change }: { waitMs?: number | null } & Partial<SequenceView> = {},
): SequenceLook {
  return { view: { ...view({ atHead: { accInputHash: DATA } }), ...change }, step, waitMs, owesProof: false }
}

/** Makes a look by which a proof has to be made, of the data that stands at the head. */
export const reprove = (accInputHash = DATA): SequenceLook =>
  look({ kind: 'reprove', why: 'no final proof of this data is stored' }, view({ atHead: { accInputHash } }))

export const done = (outcome: (Step & { kind: 'done' })['outcome'] = 'proved'): SequenceLook =>
  look({ kind: 'done', outcome })

const bytes = (id: Hex): BlobRef => ({ sha256: id, size: 16_384 })

/** A proof store of one rollup, which verifies whatever it is given, and what was asked of it. */
export interface FakeStore extends Omit<ProvingActivities, 'acceptAndOpen'> {
  /** Verified proofs by what they are: `batch 1`. */
  proofs: Map<string, BlobRef>
  /** Why tasks are quarantined. */
  quarantined: Map<string, string>
  /** Who failed them how. */
  evidence: Map<string, ProverFailure[]>
  /** Provers by task that returned an invalid proof. */
  excluded: Map<string, string[]>
  asked: ProofRequest[]
  /** What an earlier run has left. */
  spans: BatchRange[]
  isFinal(accInputHash?: Hex): boolean
}

export function fakeStore({ kind, spans = [] }: { kind: string; spans?: BatchRange[] }): FakeStore {
  const keyOf = ({ stage, range, sequence }: ProofRequest) =>
    `${nameOf({ stage, ...range })} of ${sequence.accInputHash}`
  const store: FakeStore = {
    proofs: new Map(),
    quarantined: new Map(),
    evidence: new Map(),
    excluded: new Map(),
    asked: [],
    spans: [...spans],
    isFinal: (accInputHash = DATA) =>
      [...store.proofs.keys()].some((key) => key.startsWith('final') && key.endsWith(accInputHash)),
    prepareSequence: async () => ({ status: 'prepared' }),
    findProvedSpans: async ({ range }) =>
      store.spans
        .filter((s) => s.from >= range.from && s.to <= range.to)
        .map((s): ProvedSpan => ({ ...s, proof: bytes(hash(s.from)) })),
    async openTask(request) {
      store.asked.push(request)
      const { stage, range, children } = request
      const proof = store.proofs.get(keyOf(request))
      if (proof !== undefined) return { status: 'proved', proof }
      const reason = store.quarantined.get(nameOf({ stage, ...range }))
      if (reason !== undefined) return { status: 'quarantined', reason }
      const task: ProofTask = {
        ...{ rollup: request.sequence.rollup, kind, stage, ...range, children, input: null },
        id: request.sequence.accInputHash,
        verificationKeyHash: hash(9),
        excludedProvers: store.excluded.get(nameOf({ stage, ...range })) ?? [],
      }
      return { status: 'open', task }
    },
    async acceptProof({ request, upload: { sha256, size } }) {
      store.proofs.set(keyOf(request), { sha256, size })
      return { status: 'verified', proof: { sha256, size } }
    },
    hasBegun: async () => true,
    hasLargeProver: async () => false,
    hasOtherProver: async () => false,
    async quarantineTask({ task, reason, failures }) {
      store.quarantined.set(nameOf(task), reason)
      store.evidence.set(nameOf(task), failures)
    },
  }
  return store
}

/** A prover that finishes at once, or when the test lets it. */
export interface FakeProver {
  prove: ProverActivities['prove']
  /** Tasks in the order in which they were begun. */
  begun: string[]
  /** Tasks whose cancellation was heard. */
  cancelled: string[]
  tasks: ProofTask[]
}

/** Makes a prover. @param act what happens before the proof is there; may throw. */
export function fakeProver(
  act: (name: string, task: ProofTask) => Promise<unknown> = async () => {},
  prover = 'p1',
): FakeProver {
  const fake: FakeProver = {
    begun: [],
    cancelled: [],
    tasks: [],
    async prove(task) {
      const name = nameOf(task)
      fake.begun.push(name)
      fake.tasks.push(task)
      const beats = setInterval(() => heartbeat({ phase: 'proving' }), 100)
      const heard = cancelled().catch((error: unknown) => {
        fake.cancelled.push(name)
        throw error
      })
      try {
        await Promise.race([act(name, task), heard])
        return upload(task, prover)
      } finally {
        clearInterval(beats)
      }
    },
  }
  return fake
}

export const upload = (task: BatchRange, prover: string): ProofUpload => ({
  ...bytes(hash(task.from * 1_000 + task.to)),
  ...{ prover, durationMs: 1_000, peakMemoryBytes: 1_000_000 },
})

/** Makes a failure of the prover's own side, as the real one reports it. */
export const proverFailure = (type: string, message: string) => ApplicationFailure.create({ type, message })
