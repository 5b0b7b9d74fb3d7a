import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { bytesToHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { Artifacts } from '../../contracts/compile.ts'
import type { DeployedRollup } from '../../contracts/deploy.ts'
import { connect } from '../../db/connect.ts'
import { migrate } from '../../db/migrate.ts'
import { createProverLogin } from '../../db/roles.ts'
import { accountClients, compileWithVerifier, type DevelopmentRules, deployPayments, stake } from '../payments/deploy.ts'
import { createSequencer, type Sequencer } from '../payments/sequencer.ts'
import type { Stack } from '../stack/stack.ts'
import type { ProcessSettings } from './processes.ts'
import { writeConfig } from './write-config.ts'

/** anvil's own well-known words: its accounts are worth nothing. */
const ANVIL_MNEMONIC = 'test test test test test test test test test test test junk'

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
export interface LocalRollup extends DeployedRollup {
  name: string
  sequencer: Sequencer
}

/** A miner's deployment on the embedded stack: database, logins, contracts, stake and configuration file. */
export interface LocalDeployment {
  settings: ProcessSettings
  rollups: LocalRollup[]
  miner: ReturnType<typeof accountClients>
}

/** Prepares everything that `zkpow aggregator` and `zkpow prover` need to serve fresh rollups of the given names. */
export async function createLocalDeployment(
  stack: Stack,
  p: { artifactsDir: string; rollups: readonly string[]; rules?: DevelopmentRules },
): Promise<LocalDeployment> {
  await migrate(stack.postgresUrl)
  const proverDatabaseUrl = await proverDatabase(stack.postgresUrl)
  const [owner, sequencer, miner, treasury] = [0, 1, 2, 3].map((i) => mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: i }))
  if (!owner || !sequencer || !miner || !treasury) throw new Error('unreachable: four accounts are derived')
  const clients = (account: typeof owner) => accountClients(stack.rpcUrl, account, stack.anvil.chainId)
  const artifacts: Artifacts = await compileWithVerifier(p.artifactsDir)
  const rollups: LocalRollup[] = []
  for (const [i, name] of p.rollups.entries()) {
    const rollupChainId = BigInt(1000 + i)
    const setting = { artifactsDir: p.artifactsDir, artifacts, sequencer: sequencer.address, treasury: treasury.address, rollupChainId }
    const deployed = await deployPayments(clients(owner), { ...setting, rules: p.rules ?? DEMO_RULES })
    await stake(clients(miner), deployed, STAKE_WEI)
    rollups.push({ ...deployed, name, sequencer: createSequencer(clients(sequencer), { rollup: deployed.rollup, rollupChainId }) })
  }
  const configFile = join(stack.dataDir, 'zkpow.yaml')
  await writeConfig(configFile, {
    databaseUrl: stack.postgresUrl,
    miner: miner.address,
    temporalAddress: stack.temporalAddress,
    namespace: stack.temporal.namespace,
    artifactsDir: p.artifactsDir,
    archiveFolder: join(stack.dataDir, 'archive'),
    chainId: stack.anvil.chainId,
    rpcUrl: stack.rpcUrl,
    rollups: Object.fromEntries(rollups.map((one) => [one.name, { contract: one.rollup, deployedAtBlock: Number(one.deploymentBlock) }])),
    scratchFolder: join(stack.dataDir, 'scratch'),
  })
  const minerKey = bytesToHex(miner.getHdKey().privateKey ?? new Uint8Array())
  const logFolder = join(stack.dataDir, 'logs')
  return { settings: { configFile, logFolder, proverDatabaseUrl, minerKey }, rollups, miner: clients(miner) }
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
