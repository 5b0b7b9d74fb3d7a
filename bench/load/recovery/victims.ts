import { setTimeout as delay } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { rollupWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { answeredAfter, ask, withClient } from './answers.ts'
import { type Place, until } from './place.ts'

/** What came of one kill: what is measured, and ms since it. */
export type Times = Record<string, number>

/** A process that is killed, and the first work of which a miner has something. */
export interface Victim {
  /** Gives what is killed. */
  of(place: Place): { kill(signal: 'SIGKILL'): Promise<void>; start(): Promise<void> }
  /** Resolves when there is something to do, and all that a try before has stopped goes on. */
  prepare(place: Place): Promise<void>
  /** Tells when useful work was done that had been asked for after a moment; both ms since the epoch. */
  firstUse(place: Place, sinceMs: number): Promise<Times>
}

/** Sequences that wait for provers while the aggregator is killed, and how often another is to look, ms. */
const SEQUENCES = 12
const ASKED_EVERY_MS = 250

/** Posted before each try: so many proofs depend on no other, so some wait whatever the one is doing that dies. */
const BACKLOG_BATCHES = 12

/** The aggregator comes first: its sequences wait for proofs that nobody makes yet. */
export const VICTIMS: readonly Victim[] = [
  { of: ({ aggregator }) => aggregator, prepare: prepareSequences, firstUse: firstLooks },
  { of: ({ prover }) => prover, prepare: prepareProofs, firstUse: firstProof },
  { of: ({ stack }) => stack.temporal, ...surveyed('Temporal') },
  { of: ({ stack }) => stack.postgres, ...surveyed('Postgres') },
]

async function prepareSequences(place: Place): Promise<void> {
  await place.aggregator.start()
  for (let i = place.posted; i < SEQUENCES; i++) place.posted = (await place.rollup.sequencer.post(1)).to
  await withClient(place, async (client) => {
    const sinceMs = Date.now()
    for (const { workflowId } of sequences(place)) {
      const sequence = client.workflow.getHandle(workflowId)
      await until('a sequence is there', () => ask(sequence))
      await until('a sequence looks', () => answeredAfter(client, workflowId, 'lookAtSequence', sinceMs))
    }
  })
}

const sequences = ({ rollup }: Place) =>
  Array.from({ length: SEQUENCES }, (_, i) => ({
    workflowId: sequenceWorkflowId({ rollup: rollup.name, from: i + 1, to: i + 1 }),
  }))

/** Asks another sequence to look every moment, as blocks and provers do. The first is asked while nobody hears it. */
async function firstLooks(place: Place, sinceMs: number): Promise<Times> {
  return withClient(place, async (client) => {
    const asked: WorkflowHandle[] = []
    for (const { workflowId } of sequences(place)) {
      asked.push(client.workflow.getHandle(workflowId))
      await ask(asked.at(-1) as WorkflowHandle)
      await delay(ASKED_EVERY_MS)
    }
    const answered = await Promise.all(
      asked.map(({ workflowId }) =>
        until('a sequence looks', () => answeredAfter(client, workflowId, 'lookAtSequence', sinceMs)),
      ),
    )
    return {
      aggregator: Math.min(...answered) - sinceMs,
      'aggregator, of what was asked while it was away': Math.max(...answered) - sinceMs,
    }
  })
}

/** Measures a part that the aggregator needs: a survey goes through Temporal, a workflow, the chain and Postgres. */
function surveyed(name: string): Pick<Victim, 'prepare' | 'firstUse'> {
  const firstUse = (place: Place, sinceMs: number) =>
    withClient(place, async (client) => {
      const rollup = client.workflow.getHandle(rollupWorkflowId(place.rollup.name))
      await until('the rollup hears that it is to look', () => ask(rollup))
      const answered = () => answeredAfter(client, rollup.workflowId, 'surveyRollup', sinceMs)
      return { [name]: (await until('a survey is answered', answered)) - sinceMs }
    })
  return { prepare: async (place) => void (await firstUse(place, Date.now())), firstUse }
}

/** Has tasks wait when it is killed, and the first one that it begins anew proved. */
async function prepareProofs(place: Place): Promise<void> {
  await place.prover.start()
  await place.rollup.sequencer.post(BACKLOG_BATCHES)
  await firstProof(place, Date.now())
}

async function firstProof(place: Place, sinceMs: number): Promise<Times> {
  return { prover: (await until('the prover makes a proof', () => begunAfter(place, sinceMs))) - sinceMs }
}

/** Tells when the first of the proofs that were begun after a moment was begun, as far as they are uploaded. */
async function begunAfter({ sql }: Place, sinceMs: number): Promise<number | null> {
  const [row] = await sql<{ begun: string | null }[]>`
    select min(extract(epoch from uploaded_at) * 1000 - duration_ms) as begun from zkpow.proof_uploads
    where extract(epoch from uploaded_at) * 1000 - duration_ms >= ${sinceMs}`
  return row?.begun == null ? null : Number(row.begun)
}
