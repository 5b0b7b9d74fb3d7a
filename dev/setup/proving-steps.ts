import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { artifactsStep } from './artifacts-step.ts'
import { bbStep } from './bb-step.ts'
import { cacheDir } from './cache.ts'
import { developmentSrsStep } from './srs/development-srs.ts'
import { CANONICAL_SRS, DEVELOPMENT_SRS, type Srs } from './srs/srs-format.ts'
import type { SetupStep } from './step.ts'

const CIRCUITS_DIR = fileURLToPath(new URL('../../circuits', import.meta.url))

export interface ProvingSetup {
  /** Steps to be run in this order. */
  steps: SetupStep[]
  /**
   * What `createNoirProver`, `createNoirVerifier` and the deployment of the contracts read, once all steps are done.
   */
  artifactsDir: string
}

/**
 * Lists the steps that make everything real proofs need.
 * @param srs `development` for development chains only; `canonical` is downloaded by `bb` while the keys are made.
 */
export async function provingSetup(
  srs: 'canonical' | 'development',
  circuitsDir = CIRCUITS_DIR,
): Promise<ProvingSetup> {
  return srs === 'development' ? developmentSetup(circuitsDir) : canonicalSetup(circuitsDir)
}

async function developmentSetup(circuitsDir: string): Promise<ProvingSetup> {
  const srsStep = developmentSrsStep(cacheDir())
  const { steps, artifactsDir } = await keysSetup(DEVELOPMENT_SRS, srsStep.dir, circuitsDir)
  return { steps: [srsStep, ...steps], artifactsDir }
}

const canonicalSetup = (circuitsDir: string): Promise<ProvingSetup> =>
  keysSetup(CANONICAL_SRS, join(cacheDir(), `srs-${CANONICAL_SRS.name}`), circuitsDir)

async function keysSetup(srs: Srs, crsDir: string, circuitsDir: string): Promise<ProvingSetup> {
  const bb = bbStep(cacheDir(), srs)
  const artifacts = await artifactsStep({ cacheDir: cacheDir(), circuitsDir, srs, crsDir, bbDir: bb.dir })
  return { steps: [bb, artifacts], artifactsDir: artifacts.dir }
}
