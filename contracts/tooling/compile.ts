import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Abi, Hex } from 'viem'
import { FatalError } from '../../protocol/base/errors.ts'

/** One compiled contract: ABI, creation bytecode (with placeholders while libraries are not linked). */
export type Artifact = { abi: Abi; bytecode: Hex; runtimeBytes: number; libraries: LibraryReference[] }

/** Where a library's address belongs in the creation bytecode; `start` and `length` in bytes. */
export type LibraryReference = { source: string; name: string; places: { start: number; length: number }[] }

/** Compiled contracts by contract name. */
export type Artifacts = Record<string, Artifact>

/**
 * Everything is pinned: the same sources give the same bytecode everywhere. It is `cancun` because of transient
 * storage.
 */
export const solidityCompiler = {
  version: '0.8.37',
  settings: {
    evmVersion: 'cancun',
    viaIR: false,
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none' },
  },
} as const

type SolcOutput = {
  errors?: { severity: string; formattedMessage: string }[]
  contracts?: Record<string, Record<string, SolcContract>>
}

type SolcContract = {
  abi: Abi
  evm: {
    bytecode: { object: string; linkReferences: Record<string, Record<string, { start: number; length: number }[]>> }
    deployedBytecode: { object: string }
  }
}

export class SolidityError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONTRACTS-SOLIDITY',
    happened: "The sources don't compile, or ours compile with warnings.",
    remedy: 'correct the source named above; a generated verifier: build the circuits anew.',
  }
  override readonly name = 'SolidityError'
  constructor(complaints: string[]) {
    super(complaints.join('\n'))
  }
}

const contractsFolder = new URL('..', import.meta.url)

/**
 * Compiles all contracts of contracts/, and extra ones given by source text (the verifier that set-up generates). It
 * takes seconds: callers that run often keep the result, keyed by `compilerInput`. It throws `SolidityError` with
 * solc's own words.
 */
export function compileContracts(extraSources: Record<string, string> = {}): Artifacts {
  const output: SolcOutput = JSON.parse(loadSolc().compile(compilerInput(extraSources)))
  assertNoComplaints(output, Object.keys(extraSources))
  return toArtifacts(output)
}

/** Gives what solc is given, as one text: with `solidityCompiler.version` all that the result depends on. */
export function compilerInput(extraSources: Record<string, string> = {}): string {
  const sources = { ...readSources(), ...extraSources }
  return JSON.stringify({
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: {
      ...solidityCompiler.settings,
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences', 'evm.deployedBytecode.object'] },
      },
    },
  })
}

function readSources(): Record<string, string> {
  const names = readdirSync(contractsFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sol'))
    .sort()
  return Object.fromEntries(
    names.map((name) => [name.replaceAll('\\', '/'), readFileSync(new URL(name, contractsFolder), 'utf8')]),
  )
}

function loadSolc(): { compile(input: string): string } {
  // It is required lazily: loading the compiler costs a second and a lot of memory, and it is CommonJS.
  const solc = createRequire(import.meta.url)('solc')
  if (!solc.version().startsWith(solidityCompiler.version))
    throw new SolidityError([`solc ${solc.version()} is not ${solidityCompiler.version}`])
  return solc
}

/** Refuses complaints. Warnings of generated sources are not ours to correct; those of our own count as errors. */
function assertNoComplaints(output: SolcOutput, generated: string[]): void {
  const isGenerated = (message: string) => generated.some((name) => message.includes(name))
  const complaints = (output.errors ?? []).filter(
    (error) => error.severity === 'error' || !isGenerated(error.formattedMessage),
  )
  if (complaints.length > 0) throw new SolidityError(complaints.map((error) => error.formattedMessage))
}

function toArtifacts(output: SolcOutput): Artifacts {
  const contracts = Object.values(output.contracts ?? {}).flatMap((file) => Object.entries(file))
  return Object.fromEntries(contracts.map(([name, contract]) => [name, toArtifact(contract)]))
}

function toArtifact({ abi, evm }: SolcContract): Artifact {
  const libraries = Object.entries(evm.bytecode.linkReferences).flatMap(([source, names]) =>
    Object.entries(names).map(([name, places]) => ({ source, name, places })),
  )
  return { abi, bytecode: `0x${evm.bytecode.object}`, runtimeBytes: evm.deployedBytecode.object.length / 2, libraries }
}
