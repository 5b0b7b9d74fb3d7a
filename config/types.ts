import type { Address } from '../protocol/base/ranges.ts'
import type { ProverOptions, VerifierOptions } from '../protocol/proof/backend.ts'
import type { CommitLimits } from '../protocol/sequence/view.ts'
import type { Machine } from '../protocol/temporal/ids.ts'
import type { backendSettings } from '../provers/backends.ts'
import type { Secret } from './keys/secret.ts'

/** Where Temporal is and how to talk to it. */
export interface TemporalConfig {
  /** `host:port` of the frontend. */
  address: string
  namespace: string
  /** Absolute paths of PEM files; null: TLS with an API key only. */
  tls: { serverName: string | null; caFile: string | null; certFile: string | null; keyFile: string | null } | null
  apiKey: Secret | null
}

export interface DatabaseConfig {
  /** `postgres://user:password@host:port/database` */
  url: Secret
  /** Connections that one process opens at most. */
  poolSize: number
}

/** When a block counts as final: by the chain's own tag, or by blocks on top of it. */
export type Finality = { tag: 'finalized' } | { confirmations: number }

export interface ChainConfig {
  name: string
  chainId: number
  /** JSON-RPC endpoints. Secrets, because credentials stand in their paths. */
  rpcUrls: Secret[]
  /** Endpoints that must agree on a block before stake is risked on what it says. */
  agreement: number
  finality: Finality
  /** Blocks on top of a sequencing transaction before anything is built on it. */
  confirmations: number
  /** Cap of what a transaction offers, wei per gas. */
  maxFeePerGasWei: bigint
  /** Blocks that an attempt may wait before its fees are raised, away from a window's end. */
  feePatienceBlocks: number
  /** Bound of a transaction's gas limit. */
  maxGas: bigint
  /** What a transaction may have for the endpoints' pools. */
  maxTransactionBytes: number
}

/** A miner's account as operators see it: the key may live elsewhere. */
export interface WatchedAccount {
  name: string
  /** Null when neither the file nor the environment tells it. */
  address: Address | null
}

/** A miner's account with the key that signs for it. */
export interface SigningAccount extends WatchedAccount {
  address: Address
  /** 32 bytes, `0x` and 64 hex digits. */
  privateKey: Secret
}

export interface RollupConfig<Account extends WatchedAccount> {
  name: string
  chain: ChainConfig
  contract: Address
  /** Name of the `RollupKind`. */
  kind: string
  /** First batch that this aggregator works on. */
  startBatch: number
  /** Block of the contract's deployment: logs are searched from here. */
  deployedAtBlock: number
  /** Absolute path of a file with the first state; null: the contract emitted it. */
  genesisFile: string | null
  account: Account
  limits: CommitLimits & {
    /** Sequences that may be unproved at a time. */
    maxUnproved: number
  }
  /** Share of the provers' time against other rollups. */
  weight: number
}

export interface LoggingConfig {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
}

/** What every process of a deployment shares. */
interface CommonConfig extends VerifierOptions<typeof backendSettings> {
  temporal: TemporalConfig
  srs: 'canonical' | 'development'
  logging: LoggingConfig
}

interface DeploymentConfig<Account extends WatchedAccount> extends CommonConfig {
  database: DatabaseConfig
  /** Absolute path of the second store of final proofs. */
  archiveFolder: string
  chains: ChainConfig[]
  rollups: RollupConfig<Account>[]
}

/** For `zkpow aggregator`: everything, keys included. */
export type AggregatorConfig = DeploymentConfig<SigningAccount>

/** For commands that look at a deployment: no keys. */
export type OperatorConfig = DeploymentConfig<WatchedAccount>

/** For `zkpow prover`: no chain, no account, and the database as seen by the prover's own login. */
export interface ProverConfig extends CommonConfig {
  database: DatabaseConfig
  prover: ProverOptions<typeof backendSettings>['prover'] & {
    kinds: string[]
    /** Large ones are also offered what others ran out of memory for. */
    machine: Machine
  }
}
