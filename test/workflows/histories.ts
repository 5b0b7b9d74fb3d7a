import type { Client, WorkflowHandle } from '@temporalio/client'
import { expect } from 'vitest'
import { wakeSignal } from '../../protocol/temporal/messages.ts'

/**
 * References are a few hundred bytes, a look at a sequence about two thousand, a turn at the stores a few thousand. The
 * smallest proof has 9 kB.
 */
const MAX_PAYLOAD_BYTES = 7_000

/** Expects that no history of the namespace has a payload in which a proof or an input could hide. */
export async function expectSmallPayloads(
  client: Client,
  isMeant: (workflowId: string) => boolean = () => true,
): Promise<void> {
  const sizes: { workflowId: string; bytes: number }[] = []
  for await (const { workflowId, runId } of client.workflow.list()) {
    if (!isMeant(workflowId)) continue
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    for (const event of history.events ?? []) sizes.push(...payloadSizes(event).map((bytes) => ({ workflowId, bytes })))
  }
  expect(sizes.length).toBeGreaterThan(0)
  expect(sizes.filter(({ bytes }) => bytes > MAX_PAYLOAD_BYTES)).toEqual([])
}

/** Reads everything that is written in the histories of a namespace, payloads in the clear. */
export async function historyTexts(client: Client): Promise<string[]> {
  const texts: string[] = []
  for await (const { workflowId, runId } of client.workflow.list()) {
    texts.push(...textsIn(await client.workflow.getHandle(workflowId, runId).fetchHistory()))
  }
  return texts
}

/** Finds all strings below a value; bytes are read as text, since payloads are JSON. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(textsIn)
}

/** Lists the lengths of all byte strings below a value. */
function payloadSizes(value: unknown): number[] {
  if (value instanceof Uint8Array) return [value.length]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(payloadSizes)
}

/**
 * Makes a history so long that the server advises to continue as new: above 4 MB. A workflow that doesn't know `wake`
 * takes no notice of it.
 */
export const untilSuggestedToContinue = (handle: WorkflowHandle): Promise<void> => fill(handle, 8)

/**
 * Makes a history longer than a run that proves may have: above 20 MiB. The server tells the length without what has
 * arrived during the workflow's last task, so it is some more.
 */
export const untilTooLong = (handle: WorkflowHandle): Promise<void> => fill(handle, 30)

async function fill(handle: WorkflowHandle, signals: number): Promise<void> {
  for (let i = 0; i < signals; i += 1) await handle.signal(wakeSignal, { why: 'x'.repeat(900_000) })
}
