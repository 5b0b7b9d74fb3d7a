import type { Client } from '@temporalio/client'
import { expect, test } from 'vitest'
import type { RollupContext } from '../../activities/context.ts'
import { createHasOtherProver } from '../../activities/has-other-prover.ts'
import { putBlob } from '../../db/blobs.ts'
import { recordProof } from '../../db/proofs.ts'
import { proverTaskQueue } from '../../protocol/ids.ts'
import { bytesOf, finalProof, openTestDatabase } from '../db/fixtures.ts'

const { db } = await openTestDatabase()

test('another prover is known when it polled, or made a proof of this kind lately', async () => {
  await putBlob(db, bytesOf('a proof'))
  await recordProof(db, finalProof(bytesOf('a proof'), { prover: 'busy' }))
  const rollups = [
    { name: 'payments', kind: { name: 'payments' } },
    { name: 'other', kind: { name: 'other' } },
  ] as RollupContext[]
  const hasOther = (kind: string, besides: string[]) =>
    createHasOtherProver({ temporal: polled('broken', 'idle'), db, rollups })({ rollup: 'payments', kind, besides })
  expect(await hasOther('payments', ['broken'])).toBe(true)
  expect(await hasOther('payments', ['broken', 'idle'])).toBe(true)
  expect(await hasOther('payments', ['broken', 'idle', 'busy'])).toBe(false)
  expect(await hasOther('other', [])).toBe(false)
})

// Helpers

/** A server that remembers who polled the standard queue of payments. */
function polled(...names: string[]): Client {
  const describeTaskQueue = async ({ taskQueue }: { taskQueue: { name: string } }) => ({
    pollers: taskQueue.name === proverTaskQueue('payments') ? names.map((identity) => ({ identity })) : [],
  })
  return { options: { namespace: 'a' }, workflowService: { describeTaskQueue } } as unknown as Client
}
