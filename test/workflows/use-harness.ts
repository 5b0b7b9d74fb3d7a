import { afterAll, beforeAll, expect } from 'vitest'
import { replayHistories } from '../support/replay-histories.ts'
import { createTestNamespace } from '../support/temporal.ts'
import { type Harness, installQuietRuntime, type Place, startHarness } from './harness.ts'
import { expectSmallPayloads } from './histories.ts'

/** A harness for the tests of a file. */
export interface FileHarness extends Omit<Harness, 'close' | 'workflowBundle'> {
  /** Ids of workflows whose histories a test made long on purpose. */
  bloated: Set<string>
}

/**
 * Starts workers before the tests of the file that calls it, in a namespace of its own. After them no history may hold
 * a proof.
 */
export function useHarness(options: Pick<Place, 'interceptors'> = {}): FileHarness {
  const bloated = new Set<string>()
  let started: Harness
  beforeAll(async () => {
    installQuietRuntime()
    started = await startHarness({ ...(await createTestNamespace()), ...options })
  })
  afterAll(async () => {
    await expectSmallPayloads(started.client, (workflowId) => !bloated.has(workflowId))
    expect((await replayHistories(started.client, started.workflowBundle)).bad).toEqual([])
    await started.close()
  })
  return {
    bloated,
    get client() {
      return started.client
    },
    serve: (key, fakes) => started.serve(key, fakes),
    startProver: (kind, prove, options) => started.startProver(kind, prove, options),
  }
}
