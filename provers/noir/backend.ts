import { createHash } from 'node:crypto'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { integer, path } from '../../protocol/base/fields.ts'
import type { ProofBackend, ProverOptions, VerifierOptions } from '../../protocol/proof/backend.ts'
import type { NoirCircuits } from './circuits.ts'
import { ArtifactsUnnamedError } from './errors.ts'
import { createNoirProver, type NoirProverOptions } from './prover.ts'
import { createNoirVerifier } from './verifier.ts'

const settings = {
  artifacts: { folder: path.optional() },
  prover: { threads: integer(1, 1024).optional(), scratchFolder: path.optional() },
}

/** Real recursive proofs of Noir circuits, made by Barretenberg's native `bb`. */
export const noir: ProofBackend<NoirCircuits, typeof settings> = {
  name: 'noir',
  settings,
  createVerifier: async (circuits, options) => createNoirVerifier({ circuits, artifactsDir: artifactsDir(options) }),
  createProver: async (circuits, options) => createNoirProver({ circuits, ...proverOptions(options) }),
}

function proverOptions(options: ProverOptions<typeof settings>): Omit<NoirProverOptions, 'circuits'> {
  const { name, concurrency, threads, scratchFolder } = options.prover
  return {
    artifactsDir: artifactsDir(options),
    threads: threads ?? Math.max(1, Math.floor(availableParallelism() / concurrency)),
    scratchDir: resolve(options.configFolder, scratchFolder ?? join(tmpdir(), `zkpow-${nameHash(name)}`)),
  }
}

/** Makes a folder's name of a name, which may have more bytes than that, and be `..`. */
const nameHash = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 16)

/** Gives the folder that set-up made. @throws ArtifactsUnnamedError */
function artifactsDir({ artifacts, configFolder }: VerifierOptions<typeof settings>): string {
  if (artifacts.folder === undefined) throw new ArtifactsUnnamedError()
  return resolve(configFolder, artifacts.folder)
}
