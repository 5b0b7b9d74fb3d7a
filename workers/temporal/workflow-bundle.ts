import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker'

/** Variable that names a bundle made beforehand. Where aggregators are started again and again, bundling is most of their start. */
const BUNDLE_ENV = 'ZKPOW_WORKFLOW_BUNDLE'

/** The workflows as the worker's sandbox takes them: the bundle that {@link BUNDLE_ENV} names, else made from the sources, which takes seconds. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const codePath = process.env[BUNDLE_ENV]
  if (codePath !== undefined) return { codePath }
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)) })
}
