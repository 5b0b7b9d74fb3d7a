import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker'
import type { Artifacts } from '../../../contracts/tooling/compile.ts'
import { cacheDir } from '../../../dev/setup/cache.ts'
import { compiledContracts } from '../../support/nodes/compiled-contracts.ts'

/** What all runs share, because it is the same for each and takes seconds to make. */
export interface Prepared {
  artifacts: Artifacts
  /** For our processes: the bundle of workflows, and Node's own cache of the sources without their types. */
  env: Record<string, string>
}

export async function prepare(): Promise<Prepared> {
  Runtime.install({ logger: new DefaultLogger('WARN') }) // otherwise every replay tells of its worker's states
  const folder = await mkdtemp(join(tmpdir(), 'zkpow-chaos-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const bundleFile = join(folder, 'workflows.js')
  const workflowsPath = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url))
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet })
  await writeFile(bundleFile, code)
  const compileCache = join(cacheDir(), 'node-compile-cache')
  await mkdir(compileCache, { recursive: true })
  return {
    artifacts: compiledContracts(),
    env: { ZKPOW_WORKFLOW_BUNDLE: bundleFile, NODE_COMPILE_CACHE: compileCache },
  }
}

const ignore = () => {}
const quiet = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: console.warn, error: console.error }
