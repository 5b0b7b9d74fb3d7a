import { fileURLToPath } from 'node:url'
import { defaultPayloadConverter } from '@temporalio/common'
import { expect, test, vi } from 'vitest'
import { pauseUpdate, resumeUpdate } from '../../../protocol/temporal/messages.ts'
import { LATER } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { ANN, startProving, untilHeld } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness({ interceptors: [fileURLToPath(new URL('late-signals.ts', import.meta.url))] })

test('a hold is heard though the word before it is late', async () => {
  const made = gate()
  const scene = await startProving(harness, { act: () => made.passed })
  await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
  await vi.waitFor(async () => expect(await toldOf(scene)).toEqual([false, true]), LATER)
  await untilHeld(scene)
  made.open()
  await vi.waitUntil(() => scene.store.proofs.size === 3, LATER)
  expect(scene.prover.begun).toHaveLength(3)
  await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
  await vi.waitUntil(() => scene.store.isFinal(), LATER)
  expect(await toldOf(scene)).toEqual([false, true, false])
})

/** Lists what the workflow that proves heard of holds, in the order in which it heard. */
async function toldOf({ proving }: Pick<Awaited<ReturnType<typeof startProving>>, 'proving'>): Promise<unknown[]> {
  const { events } = await proving.fetchHistory()
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal?.signalName === 'hold'
      ? (signal.input?.payloads ?? []).map((one) => defaultPayloadConverter.fromPayload(one))
      : [],
  )
}
