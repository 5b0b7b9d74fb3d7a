/**
 * Records the histories that replay.test.ts replays: `node test/workflows/recordings/record-histories.ts [name…]`,
 * after a change of a workflow that running ones need not survive. Otherwise the change goes behind a patch marker, and
 * a history with it is added.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { startTemporal } from '../../../dev/stack/temporal/temporal.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { proveRangeWorkflowId } from '../../../protocol/temporal/ids.ts'
import { DATA, sequenceRef } from '../fakes.ts'
import { type Harness, installQuietRuntime, startHarness } from '../harness.ts'
import {
  recordCancelledParts,
  recordContinuedProving,
  recordLostPart,
  recordTurns,
  recordUselessProving,
} from './of-proving.ts'
import {
  recordContinuedSequence,
  recordHandedBack,
  recordLongSequence,
  recordQuarantine,
  recordReorg,
  recordSequence,
} from './of-sequences.ts'
import { recordChain, recordContinuedSender, recordPreparingApart, recordRollup, recordSender } from './recordings.ts'

/** Gives the file of a recorded history. */
export const historyFile = (name: string): URL => new URL(`../../histories/${name}.json`, import.meta.url)

/** What is recorded, by name of its file. */
export const RECORDINGS: Record<string, (harness: Harness) => Promise<WorkflowHandle>> = {
  'sequence-1-batch': (harness) => recordSequence(harness, 'one', { from: 1, to: 1 }),
  'sequence-3-batches': (harness) => recordSequence(harness, 'three', { from: 2, to: 4 }),
  'sequence-41-batches': recordLongSequence,
  // The workflow is of the recording before it.
  'prove-range': async ({ client }) =>
    client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('long', { from: 1, to: 21 }), DATA)),
  'sequence-quarantined-task': recordQuarantine,
  'sequence-handed-back': recordHandedBack,
  'sequence-proved-apart': (harness) => recordSequence(harness, 'apart', { from: 2, to: 4 }),
  // The workflow is of the recording before it.
  'prove-sequence': async ({ client }) =>
    client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('apart', { from: 2, to: 4 }), DATA)),
  'sequence-useless-proving': recordUselessProving,
  'prove-sequence-lost-part': recordLostPart,
  'sequence-told-in-turn': (harness) => recordSequence(harness, 'in-turn', { from: 2, to: 4 }),
  // The workflow is of the recording before it.
  'prove-sequence-told-seldom': async ({ client }) =>
    client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('in-turn', { from: 2, to: 4 }), DATA)),
  'prove-sequence-in-turns': recordTurns,
  'prove-range-continued': (harness) =>
    recordContinuedProving(harness, 'long-part', { whole: { from: 1, to: 41 }, part: { from: 1, to: 21 } }),
  'prove-sequence-continued': (harness) =>
    recordContinuedProving(harness, 'long-proving', { whole: { from: 1, to: 2 } }),
  'prove-sequence-cancelled-parts': recordCancelledParts,
  'sequence-reorg': recordReorg,
  'sequence-continued': recordContinuedSequence,
  'sender-continued': recordContinuedSender,
  rollup: recordRollup,
  'rollup-by-client': recordRollup,
  'rollup-prepares-apart': recordPreparingApart,
  sender: recordSender,
  chain: recordChain,
}

/** Shortens what made a history long: 'xxx' in base64, which says nothing. */
const withoutFilling = (history: string): string => history.replaceAll(/(?:eHh4){100,}/g, 'eHh4')

/** Records histories. @param only names of histories. @default all */
async function record(only: readonly string[]): Promise<void> {
  installQuietRuntime()
  const folder = await mkdtemp(join(tmpdir(), 'zkpow-record-'))
  const temporal = await startTemporal(folder, { searchAttributes: searchAttributeTypes })
  try {
    const harness = await startHarness(temporal)
    for (const [name, recording] of Object.entries(RECORDINGS)) {
      if (only.length > 0 && !only.includes(name)) continue
      const history = await (await recording(harness)).fetchHistory()
      await writeFile(historyFile(name), `${withoutFilling(historyToJSON(history))}\n`)
      console.log(`${name}: ${history.events?.length} events`)
    }
    // The workers wait for activities that never end: the process ends them.
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  } finally {
    await temporal.stop()
    await rm(folder, { recursive: true })
    process.exit()
  }
}

if (import.meta.main) await record(process.argv.slice(2))
