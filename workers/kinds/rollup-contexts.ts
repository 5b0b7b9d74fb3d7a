import type { RollupContext } from '../../activities/context.ts'
import type { SenderAccount } from '../../activities/sender/sender-account.ts'
import type { Chain } from '../../chain/create-chain.ts'
import { createMinerAccount } from '../../chain/transactions/account.ts'
import type { AggregatorConfig, ChainConfig, RollupConfig, SigningAccount } from '../../config/types.ts'
import type { Db } from '../../db/connection/connect.ts'
import { pinDeployment } from '../../db/deployment/deployments.ts'
import { assertSrsAllowed } from '../../protocol/proof/srs.ts'
import { openChain } from '../connections.ts'
import { assertConfiguredSrs } from './artifacts.ts'
import { readGenesisState } from './genesis.ts'
import { kindFactory } from './kinds.ts'

/** What the configuration describes, connected and checked. */
export interface ServedContexts {
  rollups: RollupContext[]
  /** One per chain and account. */
  senders: SenderAccount[]
}

/**
 * Connects nothing that may be away: a chain that doesn't answer holds up its own rollups only.
 * @throws FatalError for keys of another reference string, or a rollup name that moved to another contract.
 */
export async function createRollupContexts(config: AggregatorConfig, db: Db): Promise<ServedContexts> {
  const chains = new Map(config.chains.map((chain) => [chain.name, openChain(chain)]))
  const chainOf = (chain: ChainConfig) => chains.get(chain.name) ?? openChain(chain)
  const rollups = await Promise.all(
    config.rollups.map((rollup) => createContext(config, db, rollup, chainOf(rollup.chain))),
  )
  return { rollups, senders: sendersOf(config, rollups) }
}

async function createContext(
  config: AggregatorConfig,
  db: Db,
  rollup: RollupConfig<SigningAccount>,
  chain: Chain,
): Promise<RollupContext> {
  const { name, contract, limits, startBatch, deployedAtBlock, weight } = rollup
  const { chainId } = rollup.chain
  const kind = await kindFactory(rollup.kind).createKind(config)
  assertConfiguredSrs(config.srs, kind.srs)
  assertSrsAllowed(kind.srs, chainId)
  await pinDeployment(db, { rollup: name, chainId, contract })
  const { maxUnproved, ...commitLimits } = limits
  return {
    ...{ name, chainId, chain, contract, kind, startBatch, deployedAtBlock, maxUnproved, weight },
    ids: () => chain.readDeployment({ contract }),
    genesis: () => readGenesisState(chain, rollup, kind),
    miner: rollup.account.address,
    limits: commitLimits,
  }
}

/** Rollups of one chain and account share a sender, because they share the nonce. */
function sendersOf({ rollups }: AggregatorConfig, contexts: RollupContext[]): SenderAccount[] {
  const senders = new Map<string, SenderAccount>()
  for (const [i, { account, chain }] of rollups.entries()) {
    const context = contexts[i]
    if (context === undefined) continue
    senders.set(`${chain.chainId} ${account.address}`, {
      chainId: chain.chainId,
      chain: context.chain,
      account: createMinerAccount(account.privateKey.reveal()),
      limits: { maxFeePerGasWei: chain.maxFeePerGasWei, patienceBlocks: chain.feePatienceBlocks },
    })
  }
  return [...senders.values()]
}
