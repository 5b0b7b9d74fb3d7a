import { dirname, resolve } from 'node:path'
import { differentAddresses } from '../protocol/base/endpoint-address.ts'
import { httpUrl, proverName } from '../protocol/base/fields.ts'
import { accountOfRollup, assertConsistent } from './cross-checks.ts'
import { ConfigInvalidError } from './errors.ts'
import { signingAccount, watchedAccount } from './keys/accounts.ts'
import { Secret } from './keys/secret.ts'
import {
  type ConfigSource,
  type Environment,
  resolvePath,
  type SecretForm,
  secretFromEnv,
  secretFromFile,
  variableOf,
} from './keys/source.ts'
import { readConfigFile } from './read-file.ts'
import {
  type AccountSection,
  type ChainSection,
  type DatabaseSection,
  type DeploymentFile,
  deploymentSchema,
  type ProverFile,
  proverSchema,
} from './schema.ts'
import type {
  AggregatorConfig,
  ChainConfig,
  DatabaseConfig,
  OperatorConfig,
  ProverConfig,
  RollupConfig,
  SigningAccount,
  TemporalConfig,
  WatchedAccount,
} from './types.ts'

const POSTGRES_URL: SecretForm = {
  expected: 'a postgres:// URL',
  isValid: (value) => /^postgres(ql)?:\/\/\S+$/.test(value),
}
const RPC_URL: SecretForm = {
  expected: 'an http(s) URL',
  isValid: (value) => !/\s/.test(value) && httpUrl.safeParse(value).success,
}
/** It becomes a header. A line's end comes from a file that was read whole. */
const API_KEY: SecretForm = {
  expected: 'a key of printable ASCII in one line',
  isValid: (value) => /^[!-~]([ -~]*[!-~])?$/.test(value),
}

/**
 * Loads everything that an aggregator needs, the miner's keys included. @throws FatalError that says what to correct.
 */
export async function loadAggregatorConfig(file: string, env: Environment = process.env): Promise<AggregatorConfig> {
  return loadDeployment({ file: resolve(file), env }, signingAccount)
}

/**
 * Loads what commands need that look at a deployment: no keys, though an account's address may come from one. @throws
 * FatalError
 */
export async function loadOperatorConfig(file: string, env: Environment = process.env): Promise<OperatorConfig> {
  return loadDeployment({ file: resolve(file), env }, watchedAccount)
}

/** The key of an account that a rollup uses, not read yet. */
export interface AccountKey {
  name: string
  /** Of the environment, with the key or the password of its keystore. */
  variable: string
  /** Whether that variable is set. */
  isHere: boolean
  /** @throws ConfigSecretError */
  read(): Promise<SigningAccount>
}

/**
 * Loads the keys of a deployment's accounts, for whoever wants to know of each whether it can be read. @throws
 * FatalError
 */
export async function loadAccountKeys(file: string, env: Environment = process.env): Promise<AccountKey[]> {
  const source = { file: resolve(file), env }
  const sections = await readConfigFile(source.file, deploymentSchema)
  assertConsistent(source.file, sections)
  return usedAccounts(sections).map(([name, section]) => {
    const variable = section.privateKeyEnv ?? section.passwordEnv ?? ''
    return {
      name,
      variable,
      isHere: variableOf(env, variable) !== undefined,
      read: () => signingAccount(source, name, section),
    }
  })
}

/** Loads the aggregator's database alone, for commands that need nothing else. @throws FatalError */
export async function loadDatabaseConfig(file: string, env: Environment = process.env): Promise<DatabaseConfig> {
  const source = { file: resolve(file), env }
  const sections = await readConfigFile(source.file, deploymentSchema)
  return databaseConfig(source, 'database', sections.database)
}

/**
 * Loads what a prover machine needs. The miner's keys, endpoints and the aggregator's database are neither read nor
 * required.
 * @param override.name instead of the file's, for several provers that share one file.
 * @throws FatalError
 */
export async function loadProverConfig(
  file: string,
  env: Environment = process.env,
  override: { name?: string | undefined } = {},
): Promise<ProverConfig> {
  const source = { file: resolve(file), env }
  const sections = await readConfigFile(source.file, proverSchema)
  const { database, ...prover } = sections.prover
  const name = override.name ?? prover.name
  assertProverName(source.file, name)
  return {
    ...commonConfig(source, sections),
    database: await databaseConfig(source, 'prover.database', database),
    prover: { ...prover, name },
  }
}

/** @throws ConfigInvalidError for a name of the command line: the schema has checked the file's. */
function assertProverName(file: string, name: string): void {
  const [issue] = proverName.safeParse(name).error?.issues ?? []
  if (issue !== undefined)
    throw new ConfigInvalidError(file, [
      { path: '--name', what: `expected ${issue.message}, got ${JSON.stringify(name)}` },
    ])
}

type ReadAccount<Account> = (source: ConfigSource, name: string, section: AccountSection) => Promise<Account>

async function loadDeployment<Account extends WatchedAccount>(source: ConfigSource, readAccount: ReadAccount<Account>) {
  const sections = await readConfigFile(source.file, deploymentSchema)
  assertConsistent(source.file, sections)
  const chains = Object.entries(sections.chains).map(([name, section]) => chainConfig(source, name, section))
  const read = usedAccounts(sections).map(([name, section]) => readAccount(source, name, section))
  return {
    ...commonConfig(source, sections),
    database: await databaseConfig(source, 'database', sections.database),
    archiveFolder: resolvePath(source, sections.archive.folder),
    chains,
    rollups: rollupConfigs(source, sections, chains, await Promise.all(read)),
  }
}

function usedAccounts(sections: DeploymentFile): [name: string, section: AccountSection][] {
  const used = new Set(Object.keys(sections.rollups).map((rollup) => accountOfRollup(sections, rollup)))
  return Object.entries(sections.accounts).filter(([name]) => used.has(name))
}

function commonConfig(source: ConfigSource, { temporal, srs, artifacts, logging }: DeploymentFile | ProverFile) {
  return {
    temporal: temporalConfig(source, temporal),
    srs,
    configFolder: dirname(source.file),
    artifacts,
    logging,
  }
}

function temporalConfig(
  source: ConfigSource,
  { address, namespace, tls, apiKeyEnv }: DeploymentFile['temporal'],
): TemporalConfig {
  return {
    address,
    namespace,
    tls: tls
      ? {
          serverName: tls.serverName ?? null,
          caFile: optionalPath(source, tls.caFile),
          certFile: optionalPath(source, tls.certFile),
          keyFile: optionalPath(source, tls.keyFile),
        }
      : null,
    apiKey: apiKeyEnv === undefined ? null : secretFromEnv(source, 'temporal.apiKeyEnv', apiKeyEnv, API_KEY),
  }
}

async function databaseConfig(source: ConfigSource, path: string, section: DatabaseSection): Promise<DatabaseConfig> {
  const { urlEnv, urlFile = '', poolSize } = section
  const url =
    urlEnv === undefined
      ? await secretFromFile(source, `${path}.urlFile`, urlFile, POSTGRES_URL)
      : secretFromEnv(source, `${path}.urlEnv`, urlEnv, POSTGRES_URL)
  return { url, poolSize }
}

function chainConfig(source: ConfigSource, name: string, section: ChainSection): ChainConfig {
  const {
    chainId,
    rpc,
    agreement,
    finality,
    confirmations,
    maxFeePerGasGwei,
    feePatienceBlocks,
    maxGas,
    maxTransactionBytes,
  } = section
  const rpcUrls = rpc.map((url, i) =>
    typeof url === 'string' ? new Secret(url) : secretFromEnv(source, `chains.${name}.rpc.${i}.env`, url.env, RPC_URL),
  )
  const different = differentAddresses(rpcUrls.map((url) => url.reveal())).length
  if (agreement !== undefined && agreement > different) {
    const what = `expected at most as many as there are different endpoints (${different}), got ${agreement}`
    throw new ConfigInvalidError(source.file, [{ path: `chains.${name}.agreement`, what }])
  }
  return {
    name,
    chainId,
    rpcUrls,
    // By default it is more than half: two groups that disagree can't both have it.
    agreement: agreement ?? Math.floor(different / 2) + 1,
    finality,
    confirmations,
    maxFeePerGasWei: maxFeePerGasGwei,
    feePatienceBlocks,
    maxGas: BigInt(maxGas),
    maxTransactionBytes,
  }
}

function rollupConfigs<Account extends WatchedAccount>(
  source: ConfigSource,
  sections: DeploymentFile,
  chains: ChainConfig[],
  accounts: Account[],
): RollupConfig<Account>[] {
  return Object.entries(sections.rollups).map(([name, rollup]) => {
    const chain = chains.find((c) => c.name === rollup.chain)
    const account = accounts.find((a) => a.name === accountOfRollup(sections, name))
    if (chain === undefined || account === undefined)
      throw new Error(`rollup ${name} has no chain or account, which the cross-checks refuse`)
    const { contract, kind, startBatch, deployedAtBlock, limits, weight } = rollup
    const genesisFile = optionalPath(source, rollup.genesisFile)
    const { leastReward, ...others } = limits
    const commitLimits = { ...others, leastRewardWei: `${leastReward}`, confirmations: chain.confirmations }
    return {
      name,
      chain,
      contract,
      kind,
      startBatch,
      deployedAtBlock,
      genesisFile,
      account,
      limits: commitLimits,
      weight,
    }
  })
}

const optionalPath = (source: ConfigSource, path: string | undefined): string | null =>
  path === undefined ? null : resolvePath(source, path)
