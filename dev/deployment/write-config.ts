import { mkdir, rm, writeFile } from 'node:fs/promises'
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
  /** Name of the chain. */
  chain: string
  chainId: number
  rpcUrls: readonly string[]
  /** Blocks on top of a final one; null: what the node calls finalized, the default. */
  finalityBlocks: number | null
  rollups: RollupSetting[]
  scratchFolder: string
}

interface RollupSetting {
  name: string
  contract: Address
  deployedAtBlock: number
  /** Name of an account, which several rollups may share. */
  account: string
  /** Address of that account. */
  miner: Address
  /** The first state, where the contract emitted none. */
  genesisFile: string | null
}

/** Variable that the provers' database address is taken from. */
export const PROVER_DATABASE_ENV = 'ZKPOW_PROVER_DATABASE_URL'

/** Names the variable that an account's key is taken from. */
export const minerKeyEnv = (account: string): string => `ZKPOW_KEY_OF_${account.toUpperCase().replaceAll('-', '_')}`

/** Writes the one configuration file that aggregator, provers and commands of a local deployment share. */
export async function writeConfig(file: string, p: LocalSettings): Promise<void> {
  const urlFile = join(dirname(file), 'database.url')
  await mkdir(dirname(file), { recursive: true })
  await rm(urlFile, { force: true }) // `mode` is for new files only
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
      [p.chain]: {
        chainId: p.chainId,
        rpc: [...p.rpcUrls],
        ...(p.finalityBlocks !== null && { finality: { confirmations: p.finalityBlocks } }),
        confirmations: 1,
        maxFeePerGasGwei: 100,
      },
    },
    accounts: Object.fromEntries(
      p.rollups.map(({ account, miner }) => [account, { address: miner, privateKeyEnv: minerKeyEnv(account) }]),
    ),
    rollups: Object.fromEntries(
      p.rollups.map(({ name, contract, deployedAtBlock, account, genesisFile }) => {
        return [
          name,
          { chain: p.chain, kind, contract, deployedAtBlock, account, ...(genesisFile !== null && { genesisFile }) },
        ]
      }),
    ),
    prover: { kinds: [kind], scratchFolder: p.scratchFolder, database: { urlEnv: PROVER_DATABASE_ENV } },
  }
}
