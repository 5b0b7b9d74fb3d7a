import { inject, onTestFinished } from 'vitest'
import { Secret } from '../../config/keys/secret.ts'
import type { OperatorConfig } from '../../config/types.ts'
import { connect, type Db } from '../../db/connection/connect.ts'
import { migrate } from '../../db/deployment/migrate.ts'
import { createTestDatabase } from '../support/database.ts'

/** An address at which nothing listens: the reserved port 1. */
export const NOBODY = '127.0.0.1:1'

export const CONTRACT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const MINER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

/**
 * Makes a configuration of one rollup on one chain. What a test doesn't give isn't there, but for a Temporal without
 * our search attributes.
 */
export function operatorConfig(p: {
  databaseUrl?: string
  temporal?: { address: string; namespace: string }
  rpcUrl?: string
}): OperatorConfig {
  const chain = {
    name: 'dev',
    chainId: 31337,
    rpcUrls: [new Secret(p.rpcUrl ?? `http://${NOBODY}`)],
    agreement: 1,
    finality: { confirmations: 0 },
    confirmations: 1,
    maxFeePerGasWei: 1_000_000_000n,
    feePatienceBlocks: 3,
    maxGas: 8_000_000n,
    maxTransactionBytes: 131_072,
  }
  return {
    temporal: { address: inject('temporalAddress'), namespace: 'default', tls: null, apiKey: null, ...p.temporal },
    database: { url: new Secret(p.databaseUrl ?? `postgres://user:database-password@${NOBODY}/zkpow`), poolSize: 4 },
    archiveFolder: '/nowhere',
    srs: 'development',
    configFolder: '/nowhere',
    artifacts: {},
    logging: { level: 'info' },
    chains: [chain],
    rollups: [
      {
        name: 'payments',
        chain,
        contract: CONTRACT,
        kind: 'payments',
        startBatch: 1,
        deployedAtBlock: 0,
        genesisFile: null,
        account: { name: 'miner', address: MINER },
        limits: { maxUnproved: 4, confirmations: 1, blocksPerSequence: 1, marginBlocks: 1, maxCommitAhead: 4 },
        weight: 1,
      },
    ],
  }
}

/** Makes a migrated database of the test's own, open until the test has ended. */
export async function migratedDatabase(): Promise<{ url: string; db: Db }> {
  const url = await createTestDatabase()
  await migrate(url)
  const { db, close } = connect(url, { maxConnections: 4 })
  onTestFinished(close)
  return { url, db }
}
