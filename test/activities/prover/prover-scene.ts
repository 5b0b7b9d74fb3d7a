import { createProverActivities } from '../../../activities/prover/prove.ts'
import type { MadeProof, Prover } from '../../../protocol/proof/prover.ts'
import type { ProofTask, ProofUpload } from '../../../protocol/proof/task.ts'
import { bytesOf, hash, openTestDatabase } from '../../db/fixtures.ts'
import { activityEnvironment, KEYS } from '../support.ts'

/** The database of this test file. */
export const { db, url } = await openTestDatabase()

export const made = (proof: string): MadeProof => ({ proof: bytesOf(proof), durationMs: 5, peakMemoryBytes: 6 })

export const task = (n: number, change: Partial<ProofTask> = {}): ProofTask => ({
  ...{ id: hash(n), rollup: 'payments', kind: 'fake', stage: 'batch', verificationKeyHash: KEYS.batch },
  ...{ from: n, to: n, input: null, children: [], excludedProvers: [], ...change },
})

interface Options {
  onBeat?: (beat: unknown) => void
  store?: typeof db
  env?: ReturnType<typeof activityEnvironment>
}

/** Has a prover make a proof of a task, by a backend of one function. */
export function run(
  wanted: ProofTask,
  prove: Prover['prove'],
  { onBeat = () => {}, store = db, env = activityEnvironment() }: Options = {},
): Promise<ProofUpload> {
  env.on('heartbeat', onBeat)
  const provers = { fake: { verificationKeyHashes: KEYS, prove } }
  return env.run(createProverActivities({ name: 'p1', provers, db: store, handBackAfterMs: 20 }).prove, wanted)
}
