import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import {
  createLocalDeployment,
  type LocalDeployment,
  type LocalDeploymentOptions,
} from '../../dev/deployment/local-deployment.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { prepare } from '../chaos/world/prepared.ts'

/**
 * A deployment with simulated proofs, on a stack of its own with a block a second, the fourth last of which the node
 * calls finalized. Its processes are the test's to start and stop.
 */
export interface SimulatedDeployment extends LocalDeployment {
  stack: Stack
  temporal: Client
  /** Stops the stack and removes its data. */
  stop(): Promise<void>
}

export async function startSimulatedDeployment(
  options: Pick<LocalDeploymentOptions, 'rollups' | 'rules'>,
): Promise<SimulatedDeployment> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zkpow-e2e-'))
  const { artifacts, env } = await prepare()
  const stack = await startStack({
    dataDir,
    postgres: { fsync: false },
    anvil: { blockTimeSeconds: 1, slotsInAnEpoch: 2 },
    temporal: { searchAttributes: searchAttributeTypes },
  })
  const { settings, rollups } = await createLocalDeployment(stack, {
    artifactsDir: null,
    artifacts,
    finalityBlocks: null,
    ...options,
  })
  const connection = await Connection.connect({ address: stack.temporalAddress })
  return {
    ...{ stack, temporal: new Client({ connection }), rollups, settings: { ...settings, env } },
    async stop() {
      await connection.close()
      await stack.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
