import { zeroAddress } from 'viem'
import type { Chain } from '../../chain/create-chain.ts'
import { EXPECTED_FINAL_PROOF_BYTES } from '../../chain/trials/gas.ts'
import type { RollupConfig, WatchedAccount } from '../../config/types.ts'
import { stakeTooSmall, windowsOverflow } from '../../protocol/sequence/loose-rules.ts'

/** What operators of a rollup at a contract of 2023 have to know. */
export interface RulesOf2023 {
  /** What keeps every hash of this miner back now; empty where nothing does. */
  troubles: string[]
}

/**
 * Reads them; null for our own contract, whose rules hold what they promise. It throws what reading the chain throws.
 */
export async function readRulesOf2023(
  chain: Chain,
  { contract, account }: RollupConfig<WatchedAccount>,
): Promise<RulesOf2023 | null> {
  if ((await chain.readGeneration({ contract })) === 'rounds') return null
  const { lastBatchSequenced } = await chain.readRollup({ contract, floor: Number.MAX_SAFE_INTEGER, confirmations: 0 })
  const range = { from: lastBatchSequenced + 1, to: lastBatchSequenced + 1 }
  const miner = account.address ?? zeroAddress
  const view = await chain.readSequence({ contract, range, miner, finalProofBytes: EXPECTED_FINAL_PROOF_BYTES })
  const tooSmall = account.address === null ? null : stakeTooSmall(view.hasClaims, BigInt(view.funds.stakeWei))
  return { troubles: [windowsOverflow(view), tooSmall].filter((trouble) => trouble !== null) }
}
