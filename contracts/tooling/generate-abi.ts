import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Abi } from 'viem'
import { type Artifacts, compileContracts } from './compile.ts'

/** Names of the constants in abi.ts, and the contract or interface each is taken from. */
export const committedAbis = {
  rollupAbi: 'ZkpowRollup',
  depositAbi: 'IMinerDeposit',
  slotAdapterAbi: 'ISlotAdapter',
  verifierAbi: 'IRollupVerifier',
  verifierAdapterAbi: 'HonkVerifierAdapter',
} as const

/** Gives the ABI a committed constant should hold, without `internalType` (it means nothing outside Solidity). */
export function currentAbi(artifacts: Artifacts, constant: keyof typeof committedAbis): Abi {
  const artifact = artifacts[committedAbis[constant]]
  if (artifact === undefined) throw new Error(`No contract ${committedAbis[constant]} among the compiled ones.`)
  return JSON.parse(JSON.stringify(artifact.abi, (key, value) => (key === 'internalType' ? undefined : value)))
}

function writeAbis(): void {
  const artifacts = compileContracts()
  const constants = (Object.keys(committedAbis) as (keyof typeof committedAbis)[]).map(
    (constant) => `export const ${constant} = ${JSON.stringify(currentAbi(artifacts, constant))} as const\n`,
  )
  const file = fileURLToPath(new URL('../abi.ts', import.meta.url))
  writeFileSync(
    file,
    `// Written by contracts/tooling/generate-abi.ts; a test compares it with the contracts.\n\n${constants.join('\n')}`,
  )
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  execFileSync(process.execPath, [biome, 'check', '--write', file], { stdio: 'inherit' })
}

if (import.meta.main) writeAbis()
