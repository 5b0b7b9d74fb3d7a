import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Address } from 'viem'
import { stringify } from 'yaml'

/** What a configuration of the embedded stack points to. */
export interface LocalSettings {
  /** Owner's address of the database: goes into a file that only its owner can read. */
  databaseUrl: string
  miner: Address
  temporalAddress: string
  namespace: string
  artifactsDir: string
  archiveFolder: string
  chainId: number
  rpcUrl: string
  /** Name to contract. */
  rollups: Record<string, { contract: Address; deployedAtBlock: number }>
  scratchFolder: string
}

/** Names of the variables that the configuration takes its secrets from. */
export const SECRET_ENV = {
  database: 'ZKPOW_DATABASE_URL',
  proverDatabase: 'ZKPOW_PROVER_DATABASE_URL',
  minerKey: 'ZKPOW_MINER_KEY',
} as const

/** Writes the one configuration file that aggregator, provers and commands of a local deployment share. */
export async function writeConfig(file: string, p: LocalSettings): Promise<void> {
  const urlFile = join(dirname(file), 'database.url')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(urlFile, p.databaseUrl, { mode: 0o600 })
  await writeFile(file, stringify(configOf(p, urlFile)))
}

function configOf(p: LocalSettings, urlFile: string) {
  return {
    temporal: { address: p.temporalAddress, namespace: p.namespace },
    database: { urlFile },
    archive: { folder: p.archiveFolder },
    srs: 'development',
    artifacts: { folder: p.artifactsDir },
    chains: {
      anvil: {
        chainId: p.chainId,
        rpc: [p.rpcUrl],
        finality: { confirmations: 3 },
        confirmations: 1,
        maxFeePerGasGwei: 100,
        account: 'miner',
      },
    },
    accounts: { miner: { address: p.miner, privateKeyEnv: SECRET_ENV.minerKey } },
    rollups: Object.fromEntries(Object.entries(p.rollups).map(([name, rollup]) => [name, { chain: 'anvil', kind: 'payments', ...rollup }])),
    prover: { scratchFolder: p.scratchFolder, database: { urlEnv: SECRET_ENV.proverDatabase } },
  }
}
