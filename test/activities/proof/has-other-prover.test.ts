import type { Client } from '@temporalio/client'
import { beforeAll, expect, test } from 'vitest'
import type { RollupContext } from '../../../activities/context.ts'
import { createHasOtherProver } from '../../../activities/proof/pollers.ts'
import { putBlob } from '../../../db/proofs/blobs.ts'
import { recordProof } from '../../../db/proofs/proofs.ts'
import { type Machine, proverTaskQueue } from '../../../protocol/temporal/ids.ts'
import { bytesOf, finalProof, openTestDatabase } from '../../db/fixtures.ts'

const { db } = await openTestDatabase()

beforeAll(async () => {
  await putBlob(db, bytesOf('a proof'))
  await recordProof(db, finalProof(bytesOf('a proof'), { prover: 'busy' }))
})

test('another prover is known when it polled, or made a proof of this kind lately', async () => {
  const hasOther = (kind: string, besides: string[]) =>
    createHasOtherProver({ temporal: polled('standard', 'broken', 'idle'), db, rollups })({
      ...{ rollup: 'payments', kind, machine: 'standard', besides },
    })
  expect(await hasOther('payments', ['broken'])).toBe(true)
  expect(await hasOther('payments', ['broken', 'idle'])).toBe(true)
  expect(await hasOther('payments', ['broken', 'idle', 'busy'])).toBe(false)
  expect(await hasOther('other', [])).toBe(false)
})

test('another large prover is known only when it polled for what large ones get', async () => {
  const hasOther = (machine: Machine, besides: string[]) =>
    createHasOtherProver({ temporal: polled(machine, 'large-1', 'large-2'), db, rollups })({
      ...{ rollup: 'payments', kind: 'payments', machine: 'large', besides },
    })
  expect(await hasOther('large', ['small-1', 'large-1'])).toBe(true)
  expect(await hasOther('large', ['small-1', 'large-1', 'large-2'])).toBe(false) // "busy" may be a small one
  expect(await hasOther('standard', ['small-1'])).toBe(false)
})

const rollups = [
  { name: 'payments', kind: { name: 'payments' } },
  { name: 'other', kind: { name: 'other' } },
] as RollupContext[]

/** Makes a server that remembers who polled a queue of payments. */
function polled(machine: Machine, ...names: string[]): Client {
  const describeTaskQueue = async ({ taskQueue }: { taskQueue: { name: string } }) => ({
    pollers: taskQueue.name === proverTaskQueue('payments', machine) ? names.map((identity) => ({ identity })) : [],
  })
  return { options: { namespace: 'a' }, workflowService: { describeTaskQueue } } as unknown as Client
}
