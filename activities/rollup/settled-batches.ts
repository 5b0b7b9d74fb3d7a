import type { RollupOnChain } from '../../chain/contract/rollup-reader.ts'
import type { Db } from '../../db/connection/connect.ts'
import { findFloor } from '../../db/deployment/deployments.ts'
import type { RollupContext } from '../context.ts'

/**
 * Gives the last batch that nothing is left to do about: before the configured start, or over for good when last
 * surveyed.
 */
export const lastSettledBatch = async (
  db: Db,
  { name, startBatch }: Pick<RollupContext, 'name' | 'startBatch'>,
): Promise<number> => Math.max(startBatch - 1, await findFloor(db, name))

/**
 * Reads the rollup above its floor, which is lower than the stored one where a reorg deeper than finality took an
 * accepted proof away: what was over for good is to be proved again. Late proofs that are owed below the last verified
 * batch are above the stored floor, and stay so.
 */
export async function readAboveFloor(db: Db, rollup: RollupContext): Promise<{ floor: number; posted: RollupOnChain }> {
  const { chain, contract, startBatch, limits } = rollup
  const read = (floor: number) => chain.readRollup({ contract, floor, confirmations: limits.confirmations })
  const stored = await lastSettledBatch(db, rollup)
  const posted = await read(stored)
  const floor = Math.max(startBatch - 1, Math.min(stored, posted.lastVerifiedBatch))
  return floor === stored ? { floor, posted } : { floor, posted: await read(floor) }
}
