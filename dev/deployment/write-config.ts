import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Address } from 'viem'
import { stringify } from 'yaml'

/** What a configuration of the embedded stack points to. */
export interface LocalSettings {
  /** Owner's address of the database: goes into a file that only its owner can read. */
  databaseUrl: string
  temporalAddress: string
  namespace: string
  /** Circuits and keys; null: simulated proofs. */
  artifactsDir: string | null
  archiveFolder: string
  chainId: number
  rpcUrls: readonly string[]
  /** Blocks on top of a final one; null: what the node calls finalized, the default. */
  finalityBlocks: number | null
  /** Each with an account of its own. */
  rollups: { name: string; contract: Address; deployedAtBlock: number; miner: Address }[]
  scratchFolder: string
}

/** Variable that the provers' database address is taken from. */
export const PROVER_DATABASE_ENV = 'ZKPOW_PROVER_DATABASE_URL'

/** Variable that the key of a rollup's miner is taken from. */
export const minerKeyEnv = (rollup: string): string => `ZKPOW_MINER_KEY_${rollup.toUpperCase().replaceAll('-', '_')}`

/** Writes the one configuration file that aggregator, provers and commands of a local deployment share. */
export async function writeConfig(file: string, p: LocalSettings): Promise<void> {
  const urlFile = join(dirname(file), 'database.url')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(urlFile, p.databaseUrl, { mode: 0o600 })
  await writeFile(file, stringify(configOf(p, urlFile)))
}

function configOf(p: LocalSettings, urlFile: string) {
  const kind = p.artifactsDir === null ? 'simulated-payments' : 'payments'
  return {
    temporal: { address: p.temporalAddress, namespace: p.namespace },
    database: { urlFile },
    archive: { folder: p.archiveFolder },
    srs: 'development',
    ...(p.artifactsDir !== null && { artifacts: { folder: p.artifactsDir } }),
    chains: {
      anvil: {
        chainId: p.chainId,
        rpc: [...p.rpcUrls],
        ...(p.finalityBlocks !== null && { finality: { confirmations: p.finalityBlocks } }),
        confirmations: 1,
        maxFeePerGasGwei: 100,
      },
    },
    accounts: Object.fromEntries(
      p.rollups.map(({ name, miner }) => [`miner-of-${name}`, { address: miner, privateKeyEnv: minerKeyEnv(name) }]),
    ),
    rollups: Object.fromEntries(
      p.rollups.map(({ name, contract, deployedAtBlock }) => {
        return [name, { chain: 'anvil', kind, contract, deployedAtBlock, account: `miner-of-${name}` }]
      }),
    ),
    prover: { kinds: [kind], scratchFolder: p.scratchFolder, database: { urlEnv: PROVER_DATABASE_ENV } },
  }
}
