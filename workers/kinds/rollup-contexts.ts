import type { RollupContext } from '../../activities/context.ts'
import type { SenderAccount } from '../../activities/sender/sender-account.ts'
import type { Chain } from '../../chain/create-chain.ts'
import { createMinerAccount } from '../../chain/transactions/account.ts'
import type { AggregatorConfig, ChainConfig, RollupConfig, SigningAccount } from '../../config/types.ts'
import type { Db } from '../../db/connection/connect.ts'
import { pinDeployment } from '../../db/deployment/deployments.ts'
import type { Executor } from '../../protocol/proof/replay.ts'
import type { RollupKind } from '../../protocol/proof/rollup-kind.ts'
import { readGenesisState } from './genesis.ts'

/** What the configuration describes, for activities. */
export interface ServedContexts {
  rollups: RollupContext[]
  /** One per chain and account. */
  senders: SenderAccount[]
}

/** What rollups are put together of: opened, and checked. */
interface Parts {
  database(): Db
  chain(config: ChainConfig): Chain
  kind(name: string): Promise<RollupKind>
  executor(kind: string): Executor
}

/**
 * Connects nothing that may be away: a chain that doesn't answer holds up its own rollups only.
 * @throws FatalError for a rollup name that moved to another contract.
 */
export async function createRollupContexts(config: AggregatorConfig, parts: Parts): Promise<ServedContexts> {
  const rollups = await Promise.all(config.rollups.map((rollup) => createContext(parts, rollup)))
  return { rollups, senders: sendersOf(config, rollups) }
}

async function createContext(parts: Parts, rollup: RollupConfig<SigningAccount>): Promise<RollupContext> {
  const { name, contract, limits, startBatch, deployedAtBlock, weight } = rollup
  const { chainId } = rollup.chain
  const [chain, kind] = [parts.chain(rollup.chain), await parts.kind(rollup.kind)]
  const executor = parts.executor(rollup.kind)
  await pinDeployment(parts.database(), { rollup: name, chainId, contract })
  const { maxUnproved, ...commitLimits } = limits
  return {
    ...{ name, chainId, chain, contract, kind, startBatch, deployedAtBlock, maxUnproved, weight },
    ids: () => chain.readDeployment({ contract }),
    genesis: () => readGenesisState(chain, rollup, executor),
    startReplay: executor.startReplay,
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
