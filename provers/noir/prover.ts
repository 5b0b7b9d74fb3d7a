import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendProver } from '../../protocol/proof/backend.ts'
import type { MadeProof, Prover, ProvingProgress } from '../../protocol/proof/prover.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import { artifactPaths, loadManifest, type Manifest, verificationKeyHashes } from './artifacts.ts'
import { bbEnvironment, VERIFIER_TARGET } from './bb.ts'
import { type ChildKeys, circuitInputs, type KeyFields } from './circuit-inputs.ts'
import type { NoirCircuits } from './circuits.ts'
import { failureOf, ofMachine } from './failures.ts'
import { toWordList } from './proof-bytes.ts'
import type { ProveMessage, ProveRequest } from './prove-child.ts'
import { DEFAULT_GRACE_MS, runProcess } from './run-process.ts'

const CHILD_PATH = fileURLToPath(new URL('./prove-child.ts', import.meta.url))
// The largest stage takes 25 s on two idle cores; far beyond that something hangs, even on a busy machine.
const DEFAULT_TIMEOUT_MS = 15 * 60_000
// The process that runs `bb` ends it by the same grace, and needs a moment more for itself.
const CHILD_GRACE_MS = 2_000

export interface NoirProverOptions {
  circuits: NoirCircuits
  /** Folder that set-up made. */
  artifactsDir: string
  /** Threads that `bb` may use. */
  threads: number
  /** Parent of one folder per proof, removed when the proof ends however it ends. Made if missing. */
  scratchDir: string
  /** Limit of one proof, ms. @default 15 minutes */
  timeoutMs?: number
  /** Between SIGTERM and SIGKILL when a proof is cancelled, ms. @default 5000 */
  graceMs?: number
}

type ProveOptions = Parameters<Prover['prove']>[1]

/**
 * Makes real recursive proofs of a kind's circuits, each by processes of its own.
 * @throws ArtifactsError when set-up hasn't made the artifacts.
 */
export async function createNoirProver(options: NoirProverOptions): Promise<BackendProver> {
  const manifest = await loadManifest(options.artifactsDir)
  const keys = await loadChildKeys(options.artifactsDir, manifest)
  await mkdir(options.scratchDir, { recursive: true })
  return {
    srs: { srsName: manifest.srsName, isDevelopment: manifest.isDevelopment },
    verificationKeyHashes: verificationKeyHashes(manifest),
    async prove(job, proveOptions) {
      const inputs = circuitInputs(job, { circuits: options.circuits, keys })
      const scratchDir = await makeScratch(options.scratchDir, job.stage)
      try {
        return await proveInScratch(options, proveOptions, { stage: job.stage, inputs, scratchDir })
      } finally {
        // A folder that is left must not cost the proof.
        await rm(scratchDir, { recursive: true, force: true }).catch(() => {})
      }
    },
  }
}

async function makeScratch(parent: string, stage: Stage): Promise<string> {
  try {
    return await mkdtemp(join(parent, `${stage}-`))
  } catch (cause) {
    throw ofMachine({ stage, folder: parent, cause })
  }
}

type Prepared = Pick<ProveRequest, 'inputs' | 'scratchDir'> & { stage: Stage }

async function proveInScratch(
  options: NoirProverOptions,
  { signal, onProgress }: ProveOptions,
  prepared: Prepared,
): Promise<MadeProof> {
  const startedAt = performance.now()
  const broken = (cause: unknown) =>
    Promise.reject(ofMachine({ stage: prepared.stage, folder: options.scratchDir, cause }))
  const { result, last } = await runChild(options, prepared, { signal, onProgress }).catch(broken)
  if (result.ended === 'aborted') throw signal.reason
  if (result.ended !== 'ok' || last?.kind !== 'proved') throw failureOf(prepared, result, last)
  const proof = await readProof(prepared).catch(broken)
  return { proof, durationMs: Math.round(performance.now() - startedAt), peakMemoryBytes: last.peakMemoryBytes }
}

async function runChild(options: NoirProverOptions, prepared: Prepared, { signal, onProgress }: ProveOptions) {
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS
  let last: ProveMessage | undefined
  const onMessage = (message: unknown) => {
    last = message as ProveMessage
    if (last.kind === 'phase') onProgress({ phase: last.phase } satisfies ProvingProgress)
  }
  const result = await runProcess({
    file: process.execPath,
    args: [CHILD_PATH],
    env: bbEnvironment({ crsDir: artifactPaths(options.artifactsDir).crs, threads: options.threads }),
    signal,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    graceMs: graceMs + CHILD_GRACE_MS,
    ipc: { request: proveRequest(options.artifactsDir, { ...prepared, graceMs }), onMessage },
  })
  return { result, last }
}

function proveRequest(
  artifactsDir: string,
  { stage, inputs, scratchDir, graceMs }: Prepared & { graceMs: number },
): ProveRequest {
  const paths = artifactPaths(artifactsDir)
  const programPath = paths.program(stage)
  const witnessPath = join(scratchDir, 'witness.gz')
  const args = [
    'prove',
    '-b',
    programPath,
    '-w',
    witnessPath,
    '-k',
    paths.verificationKey(stage),
    '-o',
    scratchDir,
    '-t',
    VERIFIER_TARGET[stage],
  ]
  return { programPath, inputs, witnessPath, bb: { path: paths.bb, args }, scratchDir, graceMs }
}

/** Reads the proof as it is stored: see proof-bytes.ts. */
async function readProof({ stage, scratchDir }: Prepared): Promise<Uint8Array> {
  const proof = await readFile(join(scratchDir, 'proof'))
  if (stage === 'final') return proof
  return Buffer.concat([await readFile(join(scratchDir, 'public_inputs')), proof])
}

async function loadChildKeys(artifactsDir: string, { circuits }: Manifest): Promise<ChildKeys> {
  const load = async (stage: 'batch' | 'aggregate'): Promise<KeyFields> => ({
    words: toWordList(await readFile(artifactPaths(artifactsDir).verificationKey(stage))),
    hash: circuits[stage].verificationKeyHash,
  })
  return { batch: await load('batch'), aggregate: await load('aggregate') }
}
