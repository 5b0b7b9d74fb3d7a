import type { Client } from '@temporalio/client'
import type { Chain } from '../chain/create-chain.ts'
import type { AgreedBlock } from '../chain/endpoints/endpoints.ts'
import type { Archive } from '../db/archive/archive.ts'
import type { Db } from '../db/connection/connect.ts'
import type { Address } from '../protocol/base/ranges.ts'
import type { Executor } from '../protocol/proof/replay.ts'
import type { DeploymentIds, RollupKind, RollupState } from '../protocol/proof/rollup-kind.ts'
import type { SequenceSetting } from '../protocol/rollup/survey.ts'
import type { CommitLimits } from '../protocol/sequence/view.ts'

/** One configured rollup with everything that belongs to it. */
export interface RollupContext {
  name: string
  chainId: number
  chain: Chain
  contract: Address
  kind: RollupKind
  /** Reads them from the contract, because a chain may be away when the aggregator starts. */
  ids(): Promise<DeploymentIds>
  /**
   * Gives the first state, from its file or the contract. @throws FatalError when there is none, or it isn't the
   * contract's.
   */
  genesis(): Promise<RollupState>
  /** Goes on from a state, in a thread that serves nothing else. */
  startReplay: Executor['startReplay']
  miner: Address
  startBatch: number
  deployedAtBlock: number
  maxUnproved: number
  limits: CommitLimits
  weight: number
}

/** What proving needs. */
export interface ProvingDeps {
  db: Db
  archive: Archive
  /** All that this aggregator serves. */
  rollups: readonly RollupContext[]
  /** @throws UnknownRollupError */
  rollupOf(rollup: string): RollupContext
}

/** What looking, watching and handing over need on top: they signal workflows. */
export interface SubmissionDeps extends ProvingDeps {
  temporal: Client
}

/** Gives what every sequence of the rollup is started with. */
export const sequenceSetting = ({ chainId, miner, kind, weight }: RollupContext): SequenceSetting => ({
  chainId,
  miner,
  kind: kind.name,
  weight,
})

/** Taken for a block's time while a chain has too few blocks to tell. */
const UNKNOWN_MS_PER_BLOCK = 1_000

/** Estimates the time per block, ms. @param head default: the newest one that was agreed on */
export async function estimateBlockMs(chain: Chain, head?: AgreedBlock): Promise<number> {
  return (await chain.msPerBlock(head)) ?? UNKNOWN_MS_PER_BLOCK
}
