import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STAGES, type Stage } from '../../protocol/proof/task.ts'
import { artifactPaths, formatManifest, loadManifest, type Manifest } from '../../provers/noir/artifacts.ts'
import { bbPath } from './bb-step.ts'
import { type CachedFolder, cachedFolder } from './cached-folder.ts'
import { copyCircuitSources, hashCircuitSources, writeKeyConstant } from './circuits/circuit-sources.ts'
import { compileCircuit } from './circuits/compile-circuit.ts'
import { specialiseVerifier } from './circuits/solidity-verifier.ts'
import { type BbTools, makeKey, writeSolidityVerifier } from './run-bb.ts'
import type { Srs } from './srs/srs-format.ts'
import type { SetupReport } from './step.ts'
import { BB_VERSION, NOIR_VERSION } from './versions.ts'

/** Changes when this file makes something else from the same inputs. */
const RECIPE = '2'

/** Share of the whole that is done when a stage begins, by its measured time. */
const STARTS_AT: Record<Stage, number> = { batch: 0, aggregate: 0.2, final: 0.7 }

export interface ArtifactsOptions {
  cacheDir: string
  circuitsDir: string
  srs: Srs
  /** Folder of the reference string's files; where `bb` finds none it downloads the canonical string into it. */
  crsDir: string
  /** Folder of the `bb` step. */
  bbDir: string
}

/**
 * Compiles the circuits, makes their keys in the order in which they know each other, and the Solidity verifier of the
 * last.
 */
export async function artifactsStep(options: ArtifactsOptions): Promise<CachedFolder> {
  const { cacheDir, circuitsDir, srs } = options
  return cachedFolder({
    id: `circuits-${srs.name}`,
    title: `Circuits, keys and verifier for ${srs.name}`,
    cacheDir,
    inputs: {
      recipe: RECIPE,
      sources: await hashCircuitSources(circuitsDir),
      srs: srs.name,
      noir: NOIR_VERSION,
      bb: BB_VERSION,
      platform: `${process.platform}-${process.arch}`,
    },
    build: (dir, report, signal) => buildArtifacts(options, dir, { report, signal }),
    describe,
  })
}

async function buildArtifacts(
  options: ArtifactsOptions,
  dir: string,
  { report, signal }: { report: SetupReport; signal: AbortSignal },
): Promise<void> {
  const sources = await mkdtemp(join(tmpdir(), 'zkpow-circuits-'))
  const tools: BbTools = { bb: bbPath(options.bbDir), crsDir: options.crsDir, signal }
  try {
    await mkdir(options.crsDir, { recursive: true })
    await copyCircuitSources(options.circuitsDir, sources)
    const circuits: Partial<Manifest['circuits']> = {}
    for (const stage of STAGES) {
      circuits[stage] = await buildStage({ stage, sources, dir, tools, report })
      await injectKey(sources, stage, circuits[stage])
    }
    await writeVerifier(options.srs, dir, tools)
    await linkTools(options, dir)
    const manifest = {
      srsName: options.srs.name,
      isDevelopment: options.srs.isDevelopment,
      bbVersion: BB_VERSION,
      noirVersion: NOIR_VERSION,
      circuits,
    }
    await writeFile(artifactPaths(dir).manifest, formatManifest(manifest as Manifest))
  } finally {
    await rm(sources, { recursive: true, force: true })
  }
}

type CircuitEntry = Manifest['circuits'][Stage]

async function buildStage(p: {
  stage: Stage
  sources: string
  dir: string
  tools: BbTools
  report: SetupReport
}): Promise<CircuitEntry> {
  const { stage, dir, tools, report } = p
  report(STARTS_AT[stage], `compiling the ${stage} circuit`)
  const program = await compileCircuit({ root: p.sources, packageDir: join(p.sources, stage) }, tools.signal)
  const paths = artifactPaths(dir)
  await writeFile(paths.program(stage), JSON.stringify(program))
  report(STARTS_AT[stage] + 0.05, `making the key of the ${stage} circuit`)
  const { key, hash, gates } = await makeKey(tools, stage, paths.program(stage))
  await writeFile(paths.verificationKey(stage), key)
  return { programHash: program.hash, verificationKeyHash: `0x${hash.toString('hex')}`, gates }
}

/** Writes a key into the sources of later stages, which know the keys before them by constants. */
async function injectKey(sources: string, of: Stage, { verificationKeyHash: hash }: CircuitEntry): Promise<void> {
  if (of === 'final') return
  if (of === 'batch') await writeKeyConstant(sources, { into: 'aggregate', of, hash })
  await writeKeyConstant(sources, { into: 'final', of, hash })
}

async function writeVerifier(srs: Srs, dir: string, tools: BbTools): Promise<void> {
  const paths = artifactPaths(dir)
  await writeSolidityVerifier(tools, paths.verificationKey('final'), paths.solidityVerifier)
  await writeFile(paths.solidityVerifier, specialiseVerifier(await readFile(paths.solidityVerifier, 'utf8'), srs))
}

/** Links the tools, so that the folder is complete by itself. The reference string is too large to copy. */
async function linkTools({ crsDir, bbDir }: ArtifactsOptions, dir: string): Promise<void> {
  const paths = artifactPaths(dir)
  await linkOrCopy(bbPath(bbDir), paths.bb)
  await mkdir(paths.crs)
  const files = (await readdir(crsDir)).filter((name) => name.endsWith('.dat'))
  for (const name of files) await linkOrCopy(join(crsDir, name), join(paths.crs, name))
}

const linkOrCopy = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to))

async function describe(dir: string): Promise<string> {
  const { circuits } = await loadManifest(dir)
  const gates = STAGES.map((stage) => `${stage} ${circuits[stage].gates.toLocaleString('en')} gates`).join(', ')
  return `${gates}, in ${dir}`
}
