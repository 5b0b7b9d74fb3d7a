import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { ProofVerifier } from '../../protocol/proof/backend.ts'
import type { ProofClaim } from '../../protocol/proof/prover.ts'
import { word } from '../../protocol/proof/public-input.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import { artifactPaths, loadManifest, verificationKeyHashes } from './artifacts.ts'
import { bbEnvironment, VERIFIER_TARGET } from './bb.ts'
import type { NoirCircuits } from './circuits.ts'
import { ProverProcessError } from './errors.ts'
import { isCanonical, isFinalProofShaped, parseRecursiveProof, statementWords, wordsToBytes } from './proof-bytes.ts'
import { runProcess } from './run-process.ts'

// Natively any proof verifies in milliseconds.
const TIMEOUT_MS = 60_000
/** What `bb verify` says of a proof that it judged or couldn't read. */
const EXIT_REFUSED = 1

/**
 * Verifies proofs against what the caller claims, never against what the proof's bytes say.
 * @throws ArtifactsError when set-up hasn't made the artifacts. `verify` throws ProverProcessError when it could not
 * look.
 */
export async function createNoirVerifier({
  artifactsDir,
  circuits,
}: {
  artifactsDir: string
  circuits: NoirCircuits
}): Promise<ProofVerifier> {
  const manifest = await loadManifest(artifactsDir)
  const aggregateKeyHash = manifest.circuits.aggregate.verificationKeyHash
  return {
    verificationKeyHashes: verificationKeyHashes(manifest),
    srs: { srsName: manifest.srsName, isDevelopment: manifest.isDevelopment },
    async verify(claim) {
      const files = filesToVerify(claim, circuits, aggregateKeyHash)
      return files === undefined ? false : runVerify(artifactsDir, claim.stage, files)
    },
  }
}

interface FilesToVerify {
  publicInputs: Uint8Array
  proof: Uint8Array
}

/** Writes what `bb` shall look at; `undefined` if the proof can't be one of the claim. */
function filesToVerify(claim: ProofClaim, circuits: NoirCircuits, aggregateKeyHash: Hex): FilesToVerify | undefined {
  const words = statementWords(circuits.toFields(claim.statement, aggregateKeyHash), circuits)
  if (!words.every(isCanonical)) return undefined
  if (claim.stage !== 'final') return recursiveFiles(words, circuits, claim.proof)
  if (!isFinalProofShaped(claim.proof)) return undefined
  return { publicInputs: wordsToBytes([word(circuits.finalPublicInput(claim))]), proof: claim.proof }
}

/**
 * Takes the proof apart. The statement inside the bytes is what the next stage will build on: it must be the claimed
 * one too.
 */
function recursiveFiles(claimed: Hex[], circuits: NoirCircuits, bytes: Uint8Array): FilesToVerify | undefined {
  const publicInputs = wordsToBytes(claimed)
  const parsed = parseRecursiveProof(bytes, circuits)
  if (parsed === undefined) return undefined
  if (!Buffer.from(wordsToBytes(statementWords(parsed.statement, circuits))).equals(publicInputs)) return undefined
  return { publicInputs, proof: wordsToBytes(parsed.proof) }
}

async function runVerify(artifactsDir: string, stage: Stage, { publicInputs, proof }: FilesToVerify): Promise<boolean> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'zkpow-verify-'))
  try {
    const proofPath = join(scratchDir, 'proof')
    const publicInputsPath = join(scratchDir, 'public_inputs')
    await Promise.all([writeFile(proofPath, proof), writeFile(publicInputsPath, publicInputs)])
    const paths = artifactPaths(artifactsDir)
    const result = await runProcess({
      file: paths.bb,
      args: [
        'verify',
        '-p',
        proofPath,
        '-i',
        publicInputsPath,
        '-k',
        paths.verificationKey(stage),
        '-t',
        VERIFIER_TARGET[stage],
      ],
      env: bbEnvironment({ crsDir: paths.crs, threads: 1 }),
      timeoutMs: TIMEOUT_MS,
    })
    if (result.ended === 'ok') return true
    if (result.ended === 'crash' && result.exitCode === EXIT_REFUSED) {
      await loadManifest(artifactsDir) // `bb` says the same when it finds no key: that is not the proof's fault
      return false
    }
    throw new ProverProcessError(`The process that verifies the ${stage} proof`, result)
  } finally {
    await rm(scratchDir, { recursive: true, force: true })
  }
}
