import { hostname } from 'node:os'
import { z } from 'zod'
import {
  address,
  count,
  envName,
  exactlyOne,
  httpUrl,
  integer,
  name,
  named,
  path,
  proverName,
  section,
  text,
} from '../protocol/base/fields.ts'
import { MACHINES } from '../protocol/temporal/ids.ts'
import { backendSettings } from '../provers/backends.ts'

/** Gwei to wei; fractions of a gwei are common on layer-2 chains. */
const GWEI = 'a number of gwei from 0.000000001 to 1000000'
const gwei = z
  .number(GWEI)
  .min(1e-9, GWEI)
  .max(1e6, GWEI)
  .transform((value) => BigInt(Math.round(value * 1e9)))

/** Coins to wei: an amount of a reward needs no more digits than these. */
const COINS = 'a number of coins from 0 to 1000000, to nine decimals'
const coins = z
  .number(COINS)
  .min(0, COINS)
  .max(1e6, COINS)
  .refine(
    (value) => Number.isSafeInteger(Math.round(value * 1e9)) && Math.abs(value * 1e9 - Math.round(value * 1e9)) < 1e-3,
    COINS,
  )
  .transform((value) => BigInt(Math.round(value * 1e9)) * 10n ** 9n)

const temporal = section({
  address: text('host:port', /^[^\s/]+:\d+$/),
  namespace: text('the name of a namespace', /^\S+$/).default('default'),
  tls: section({
    serverName: text('a host name', /^\S+$/).optional(),
    caFile: path.optional(),
    certFile: path.optional(),
    keyFile: path.optional(),
  })
    .refine((tls) => 'certFile' in tls === 'keyFile' in tls, 'certFile and keyFile together, or neither')
    .optional(),
  apiKeyEnv: envName.optional(),
})

const databaseOf = (mostConnections: number) =>
  section({
    urlEnv: envName.optional(),
    urlFile: path.optional(),
    poolSize: integer(1, mostConnections).default(10),
  }).refine(exactlyOne('urlEnv', 'urlFile'), 'exactly one of urlEnv and urlFile')

const database = databaseOf(100)

const RPC = 'an http(s) URL, or {env: NAME}'
const rpcUrl = z.union([httpUrl, section({ env: envName })], RPC)

const FINALITY = '{tag: finalized} or {confirmations: a whole number from 0}'
const finality = z.union([section({ tag: z.literal('finalized') }), section({ confirmations: count(0) })], FINALITY)

const chain = section({
  chainId: count(1),
  rpc: z.array(rpcUrl, 'a list of endpoints').min(1, 'at least one endpoint'),
  agreement: integer(1, 20).optional(),
  finality: finality.default({ tag: 'finalized' }),
  confirmations: count(0).default(6),
  maxFeePerGasGwei: gwei,
  feePatienceBlocks: integer(1, 1000).default(3),
  maxGas: integer(100_000, 1_000_000_000).default(8_000_000),
  maxTransactionBytes: integer(1_000, 100_000_000).default(131_072),
  account: name.optional(),
}).refine((c) => (c.agreement ?? 1) <= c.rpc.length, {
  error: 'at most as many as there are endpoints',
  path: ['agreement'],
})

const account = section({
  address: address.optional(),
  privateKeyEnv: envName.optional(),
  keystoreFile: path.optional(),
  passwordEnv: envName.optional(),
})
  .refine(exactlyOne('privateKeyEnv', 'keystoreFile'), 'exactly one of privateKeyEnv and keystoreFile')
  .refine((a) => 'keystoreFile' in a === 'passwordEnv' in a, 'passwordEnv together with keystoreFile, and only then')

const limits = section({
  maxUnproved: integer(1, 1000).default(4), // each is prepared and started in the history of the rollup's workflow
  blocksPerSequence: integer(1, 1000).default(3),
  marginBlocks: integer(0, 1000).default(3),
  maxCommitAhead: integer(0, 1000).default(4),
  leastReward: coins.default(0n),
})

const rollup = section({
  chain: name,
  contract: address,
  kind: name,
  startBatch: count(1).default(1),
  deployedAtBlock: count(0).default(0),
  genesisFile: path.optional(),
  account: name.optional(),
  limits: limits.prefault({}),
  weight: z
    .number('a number from 0.001 to 1000')
    .min(0.001, 'a number from 0.001 to 1000')
    .max(1000, 'a number from 0.001 to 1000')
    .default(1),
})

const prover = section({
  name: proverName.prefault(() => hostname()),
  kinds: z.array(name, 'a list of rollup kinds').min(1, 'at least one rollup kind').default(['payments']),
  concurrency: integer(1, 256).default(1),
  machine: z.enum(MACHINES, MACHINES.join(', ')).default('standard'),
  ...backendSettings.prover,
  database: databaseOf(32), // a prover's login may have no more
})

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const

const common = {
  temporal,
  srs: z.enum(['canonical', 'development'], 'canonical or development').default('canonical'),
  artifacts: section(backendSettings.artifacts).prefault({}),
  logging: section({ level: z.enum(LEVELS, LEVELS.join(', ')).default('info') }).prefault({}),
}

const deployment = {
  database,
  archive: section({ folder: path }),
  chains: named(chain, 'chains'),
  accounts: named(account, 'accounts'),
  rollups: named(rollup, 'rollups'),
}

/** The file as the aggregator and operators' commands need it. A prover's section may be there and is checked too. */
export const deploymentSchema = section({ ...common, ...deployment, prover: prover.optional() })

/** The file as a prover machine needs it: what belongs to the aggregator may be there but isn't looked at. */
export const proverSchema = section({
  ...common,
  prover,
  ...Object.fromEntries(Object.keys(deployment).map((key) => [key, z.unknown().optional()])),
})

export type DeploymentFile = z.output<typeof deploymentSchema>
export type ProverFile = z.output<typeof proverSchema>
export type DatabaseSection = z.output<typeof database>
export type ChainSection = z.output<typeof chain>
export type AccountSection = z.output<typeof account>
