import { type Chain, createChain } from '../chain/create-chain.ts'
import type { ChainConfig, DatabaseConfig } from '../config/types.ts'
import { connect, type Db } from '../db/connection/connect.ts'
import { assertMigrated } from '../db/deployment/migrate.ts'

/** The chain that a configuration names, through its endpoints. */
export const openChain = (config: ChainConfig): Chain => {
  const { chainId, rpcUrls, agreement, finality, maxFeePerGasWei, maxGas, maxTransactionBytes } = config
  const urls = rpcUrls.map((url) => url.reveal())
  return createChain({ chainId, rpcUrls: urls, agreement, finality, maxFeePerGasWei, maxGas, maxTransactionBytes })
}

/**
 * Runs `use` on a migrated database and closes the connections. @throws DatabaseSchemaError and what connecting throws.
 */
export async function withDatabase<T>({ url, poolSize }: DatabaseConfig, use: (db: Db) => Promise<T>): Promise<T> {
  const { db, close } = connect(url.reveal(), { maxConnections: poolSize, applicationName: 'zkpow command' })
  try {
    await assertMigrated(db)
    return await use(db)
  } finally {
    await close()
  }
}
