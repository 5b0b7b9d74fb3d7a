import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Address } from 'viem'
import { stringify } from 'yaml'

/** What a configuration of the embedded stack points to. */
export interface LocalDeployment {
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
export async function writeConfig(file: string, p: LocalDeployment): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, stringify(configOf(p)))
}

function configOf(p: LocalDeployment) {
  return {
    temporal: { address: p.temporalAddress, namespace: p.namespace },
    database: { urlEnv: SECRET_ENV.database },
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
    accounts: { miner: { privateKeyEnv: SECRET_ENV.minerKey } },
    rollups: Object.fromEntries(Object.entries(p.rollups).map(([name, rollup]) => [name, { chain: 'anvil', kind: 'payments', ...rollup }])),
    prover: { scratchFolder: p.scratchFolder, database: { urlEnv: SECRET_ENV.proverDatabase } },
  }
}
