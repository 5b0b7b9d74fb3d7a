import type { Db } from '../db/connect.ts'
import { findFloor } from '../db/deployments.ts'
import type { RollupContext } from './context.ts'

/** The last batch that nothing is left to do about: before the configured start, or over for good. */
export const floorOf = async (db: Db, { name, startBatch }: Pick<RollupContext, 'name' | 'startBatch'>): Promise<number> =>
  Math.max(startBatch - 1, await findFloor(db, name))
