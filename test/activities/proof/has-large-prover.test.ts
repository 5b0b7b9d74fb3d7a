import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { expect, test, vi } from 'vitest'
import { createHasLargeProver } from '../../../activities/proof/pollers.ts'
import { type Machine, proverTaskQueue } from '../../../protocol/temporal/ids.ts'
import { SOON } from '../../support/patience.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { installQuietRuntime } from '../../workflows/harness.ts'

installQuietRuntime()

test('a large prover is there when one polls, for its kind only, and a standard one is none', async () => {
  const { address, namespace } = await createTestNamespace()
  const connection = await NativeConnection.connect({ address })
  const client = new Client({ connection: await Connection.connect({ address }), namespace })
  const poll = (kind: string, machine: Machine) =>
    Worker.create({
      connection,
      namespace,
      taskQueue: proverTaskQueue(kind, machine),
      activities: { prove: async () => {} },
    })
  const workers = [await poll('payments', 'large'), await poll('payments', 'standard'), await poll('other', 'standard')]
  const running = workers.map((worker) => worker.run())
  const hasLarge = (kind: string) => createHasLargeProver({ temporal: client })({ kind })
  try {
    await vi.waitFor(async () => expect(await hasLarge('payments')).toBe(true), SOON)
    expect(await hasLarge('other')).toBe(false)
  } finally {
    for (const worker of workers) worker.shutdown()
    await Promise.all(running)
    await client.connection.close()
    await connection.close()
  }
})
