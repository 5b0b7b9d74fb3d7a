import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import { STAGES, type Stage } from '../../protocol/proof/task.ts'

/**
 * Changes when the layout of the folder or of stored proofs does, so that old artifacts are refused instead of misread.
 */
const FORMAT = 1

const hexField = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])

const circuitSchema = z.object({
  /** Noir's hash of the compiled program. */
  programHash: z.string(),
  /** `bb`'s hash of the verification key: what identifies the circuit to everybody else. */
  verificationKeyHash: hexField,
  /** Size of the circuit in gates, without padding to a power of two. */
  gates: z.number().int().positive(),
})

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  srsName: z.string().min(1),
  /** Whether the reference string's secret is known: see protocol/proof/srs.ts. */
  isDevelopment: z.boolean(),
  bbVersion: z.string(),
  noirVersion: z.string(),
  circuits: z.object({ batch: circuitSchema, aggregate: circuitSchema, final: circuitSchema }),
})

/** What was built, from what, and the identities that proofs and tasks refer to. */
export type Manifest = Omit<z.infer<typeof manifestSchema>, 'format'>

export class ArtifactsError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-NOIR-ARTIFACTS',
    happened: 'The proving artifacts are missing, incomplete or of another version.',
    remedy: 'run `npm run setup`, or name the folder that it made.',
  }
  override readonly name = 'ArtifactsError'

  constructor(artifactsDir: string, problem: string, cause?: unknown) {
    super(`The proving artifacts in ${artifactsDir} can't be used: ${problem}.`, {
      cause,
    })
  }
}

/** Says where things are in an artifacts folder. Copied to another machine of the same platform it works there too. */
export const artifactPaths = (artifactsDir: string) => ({
  manifest: join(artifactsDir, 'manifest.json'),
  /** The `bb` that made the keys, made to verify under their reference string. */
  bb: join(artifactsDir, 'bb'),
  /** `CRS_PATH` of `bb`. */
  crs: join(artifactsDir, 'crs'),
  /** Solidity source of the final proof's verifier. */
  solidityVerifier: join(artifactsDir, 'HonkVerifier.sol'),
  /** Compiled program with its ABI, as noir_js and `bb` read it. */
  program: (stage: Stage) => join(artifactsDir, `${stage}.json`),
  verificationKey: (stage: Stage) => join(artifactsDir, `${stage}.vk`),
})

/** Makes the text of a manifest file. */
export const formatManifest = (manifest: Manifest): string =>
  `${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`

/**
 * Reads the manifest of an artifacts folder and checks that the folder is complete.
 * @throws ArtifactsError
 */
export async function loadManifest(artifactsDir: string): Promise<Manifest> {
  const paths = artifactPaths(artifactsDir)
  const needed = [
    paths.manifest,
    paths.bb,
    paths.crs,
    ...STAGES.flatMap((stage) => [paths.program(stage), paths.verificationKey(stage)]),
  ]
  for (const path of needed) {
    await access(path).catch((cause) => {
      throw new ArtifactsError(artifactsDir, `${path} is missing`, cause)
    })
  }
  return parseManifest(artifactsDir, await readFile(paths.manifest, 'utf8'))
}

/** Gives the identities of the keys, by stage. */
export const verificationKeyHashes = ({ circuits }: Manifest): Record<Stage, Hex> => ({
  batch: circuits.batch.verificationKeyHash,
  aggregate: circuits.aggregate.verificationKeyHash,
  final: circuits.final.verificationKeyHash,
})

function parseManifest(artifactsDir: string, text: string): Manifest {
  try {
    const { format: _, ...manifest } = manifestSchema.parse(JSON.parse(text))
    return manifest
  } catch (cause) {
    throw new ArtifactsError(artifactsDir, 'its manifest is not of this version', cause)
  }
}
