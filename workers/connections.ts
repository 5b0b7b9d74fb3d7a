import { type Chain, createChain } from '../chain/create-chain.ts'
import type { ChainConfig, DatabaseConfig, TemporalConfig } from '../config/types.ts'
import { connect, type Db } from '../db/connection/connect.ts'
import { assertMigrated } from '../db/deployment/migrate.ts'

/** What `pg_stat_activity` shows of a command. */
export const COMMAND_NAME = 'zkpow command'

/** Both stores of one process: each is opened when it is first asked for, and once. */
export interface Stores<Temporal> {
  /** @throws DatabaseAddressError */
  database(): Db
  /** @throws what connecting throws, to each who asks. */
  temporal(): Promise<Temporal>
  /** Closes what was opened. No more is asked for then. */
  close(): Promise<void>
}

/** @param p.applicationName what `pg_stat_activity` shows. */
export function openStores<Temporal extends { close(): Promise<void> }>(
  config: { database: DatabaseConfig; temporal: TemporalConfig },
  p: { applicationName: string; connectTemporal(config: TemporalConfig): Promise<Temporal> },
): Stores<Temporal> {
  const { applicationName } = p
  const { url, poolSize: maxConnections } = config.database
  let database: ReturnType<typeof connect> | undefined
  let temporal: Promise<Temporal> | undefined
  return {
    database: () => {
      database ??= connect(url.reveal(), { maxConnections, applicationName })
      return database.db
    },
    temporal: () => {
      temporal ??= p.connectTemporal(config.temporal)
      return temporal
    },
    async close() {
      const closings = [temporal?.then(closeOne, ignoreUnopened), database?.close()]
      const closed = await Promise.allSettled(closings) // one that fails must not leave the other open
      for (const one of closed) if (one.status === 'rejected') throw one.reason
    },
  }
}

const closeOne = (connection: { close(): Promise<void> }) => connection.close()

/** Says nothing: who asked for it has heard why. */
const ignoreUnopened = () => {}

/** Opens the chain that a configuration names, through its endpoints. */
export const openChain = (config: ChainConfig): Chain => {
  const { chainId, rpcUrls, agreement, finality, maxFeePerGasWei, maxGas, maxTransactionBytes } = config
  const urls = rpcUrls.map((url) => url.reveal())
  return createChain({ chainId, rpcUrls: urls, agreement, finality, maxFeePerGasWei, maxGas, maxTransactionBytes })
}

/**
 * Runs `use` on a migrated database and closes the connections. @throws DatabaseSchemaError and what connecting throws.
 */
export async function withDatabase<T>({ url, poolSize }: DatabaseConfig, use: (db: Db) => Promise<T>): Promise<T> {
  const { db, close } = connect(url.reveal(), { maxConnections: poolSize, applicationName: COMMAND_NAME })
  try {
    await assertMigrated(db)
    return await use(db)
  } finally {
    await close()
  }
}
