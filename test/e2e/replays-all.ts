import type { Client } from '@temporalio/client'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { expect } from 'vitest'
import { replayHistories } from '../support/replay-histories.ts'
import type { SimulatedDeployment } from './simulated-deployment.ts'

/** Expects that the histories of all workflows of a deployment can be replayed. */
export async function replaysAll({ temporal, settings }: SimulatedDeployment): Promise<void> {
  const codePath = settings.env?.ZKPOW_WORKFLOW_BUNDLE
  if (codePath === undefined) throw new Error('Its aggregators run a bundle made beforehand.')
  await replaysAllOf(temporal, { codePath })
}

/** Expects that the histories of all workflows of a server can be replayed by the code of a bundle. */
export async function replaysAllOf(temporal: Client, workflowBundle: WorkflowBundleOption): Promise<void> {
  const { replayed, bad } = await replayHistories(temporal, workflowBundle)
  expect(bad).toEqual([])
  expect(replayed).toBeGreaterThan(0)
}
