import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import { connect } from '../../db/connection/connect.ts'
import { migrate } from '../../db/deployment/migrate.ts'
import { createProverLogin } from '../../db/deployment/roles.ts'
import {
  type AccountClients,
  accountClients,
  compileWithVerifier,
  type DevelopmentRules,
  deployPayments,
  type PaymentsRollup,
  stake,
} from '../payments/deploy.ts'
import { createSequencer, type Sequencer } from '../payments/sequencer.ts'
import { MNEMONIC } from '../stack/nodes/mnemonic.ts'
import type { Stack } from '../stack/stack.ts'
import type { ProcessSettings } from './processes.ts'
import { minerKeyEnv, writeConfig } from './write-config.ts'

/** Windows long enough for two machines to look around, short enough to watch. Blocks take a second. */
export const DEMO_RULES: DevelopmentRules = {
  commitBlocks: 6,
  proveBlocks: 16,
  lateProofBlocks: 6,
  minDepositWei: 10n ** 19n,
  penaltyWei: 10n ** 18n,
  rewardWei: 5n * 10n ** 18n,
}

/** Stake of the miner: the minimum, and what several commitments at a time lock. */
const STAKE_WEI = 10n ** 20n

/** A rollup on the embedded stack with everything that a miner needs to work on it. */
export interface LocalRollup extends PaymentsRollup {
  name: string
  sequencer: Sequencer
  /** Clients with the account that the configuration names for this rollup. */
  miner: AccountClients
}

/** A miner's deployment on the embedded stack: database, logins, contracts, stake and configuration file. */
export interface LocalDeployment {
  settings: ProcessSettings
  rollups: LocalRollup[]
}

export interface LocalDeploymentOptions {
  /** Circuits and keys; null: simulated proofs. */
  artifactsDir: string | null
  rollups: readonly string[]
  /** Those of them that have a contract with the rules of 2023. @default none */
  of2023?: readonly string[]
  rules?: DevelopmentRules
  /** One miner account serves all rollups. @default each has its own */
  sharesAccount?: boolean
  /** Compiled contracts, where the caller has them. */
  artifacts?: Artifacts
  /** What the miner's processes see as the chain's endpoints. @default the node itself */
  rpcUrls?: readonly string[]
  /** Blocks on top of a final one; null: what the node calls finalized. @default 3 */
  finalityBlocks?: number | null
}

/**
 * Who is who among the funded accounts; rollup number i has the miner after the first ones, unless all share the first.
 */
const ROLES = { owner: 0, sequencer: 1, treasury: 2, firstMiner: 3 } as const

/** Gives a funded account of the embedded chain, for tests that need somebody else. */
export const localAccount = (addressIndex: number): HDAccount => mnemonicToAccount(MNEMONIC, { addressIndex })

/** Prepares everything that `zkpow aggregator` and `zkpow prover` need to serve fresh rollups of the given names. */
export async function createLocalDeployment(stack: Stack, p: LocalDeploymentOptions): Promise<LocalDeployment> {
  await migrate(stack.postgresUrl)
  const proverDatabaseUrl = await proverDatabase(stack.postgresUrl)
  const clients = (addressIndex: number) => accountClients(stack.rpcUrl, localAccount(addressIndex), stack.node.chainId)
  const [owner, sequencer] = [clients(ROLES.owner), clients(ROLES.sequencer)]
  const artifacts = p.artifacts ?? (await compileWithVerifier(p.artifactsDir))
  const indexOf = (rollup: number) => ROLES.firstMiner + (p.sharesAccount === true ? 0 : rollup)
  const accountOf = (name: string) => (p.sharesAccount === true ? 'miner' : `miner-of-${name}`)
  const rollups: LocalRollup[] = []
  for (const [i, name] of p.rollups.entries()) {
    const rollupChainId = BigInt(1000 + i)
    const accounts = {
      sequencer: sequencer.walletClient.account.address,
      treasury: localAccount(ROLES.treasury).address,
    }
    const setting = { artifactsDir: p.artifactsDir, artifacts, ...accounts, rollupChainId }
    const generation = p.of2023?.includes(name) ? '2023' : 'ours'
    const deployed = await deployPayments(owner, { ...setting, rules: p.rules ?? DEMO_RULES, generation })
    const miner = clients(indexOf(i))
    await stake(miner, deployed, STAKE_WEI)
    rollups.push({
      ...deployed,
      name,
      miner,
      sequencer: createSequencer(sequencer, { rollup: deployed.rollup, rollupChainId }),
    })
  }
  const configFile = join(stack.dataDir, 'zkpow.yaml')
  await writeConfig(configFile, {
    databaseUrl: stack.postgresUrl,
    temporalAddress: stack.temporalAddress,
    namespace: stack.temporal.namespace,
    artifactsDir: p.artifactsDir,
    archiveFolder: join(stack.dataDir, 'archive'),
    chain: stack.node.name,
    chainId: stack.node.chainId,
    rpcUrls: p.rpcUrls ?? [stack.rpcUrl],
    finalityBlocks: p.finalityBlocks === undefined ? 3 : p.finalityBlocks,
    rollups: await Promise.all(
      rollups.map(async (one) => ({ ...(await settingOf(one, stack.dataDir)), account: accountOf(one.name) })),
    ),
    scratchFolder: join(stack.dataDir, 'scratch'),
  })
  const keyOf = (i: number) => bytesToHex(localAccount(indexOf(i)).getHdKey().privateKey ?? new Uint8Array())
  const minerKeys = Object.fromEntries(rollups.map(({ name }, i) => [minerKeyEnv(accountOf(name)), keyOf(i)]))
  const logFolder = join(stack.dataDir, 'logs')
  return { settings: { configFile, logFolder, proverDatabaseUrl, minerKeys }, rollups }
}

/**
 * Says what the configuration holds of a rollup. The first state of one of 2023 goes into a file, because no event
 * tells it.
 */
async function settingOf({ name, rollup, deploymentBlock, miner, generation, genesis }: LocalRollup, folder: string) {
  const genesisFile = generation === '2023' ? join(folder, `genesis-of-${name}.json`) : null
  if (genesisFile !== null) await writeFile(genesisFile, JSON.stringify({ accounts: genesis }))
  return {
    name,
    contract: rollup,
    deployedAtBlock: Number(deploymentBlock),
    miner: miner.walletClient.account.address,
    genesisFile,
  }
}

/** Makes the provers' own login and answers its address. */
async function proverDatabase(adminUrl: string): Promise<string> {
  const login = { name: 'demo_prover', password: randomBytes(18).toString('base64url') }
  const { db, close } = connect(adminUrl, { maxConnections: 1, applicationName: 'zkpow set-up' })
  try {
    await createProverLogin(db, login)
  } finally {
    await close()
  }
  const url = new URL(adminUrl)
  url.username = login.name
  url.password = login.password
  return url.href
}
