import { and, eq, or } from 'drizzle-orm'
import type { Address } from '../../protocol/base/ranges.ts'
import type { Db } from '../connection/connect.ts'
import { lowerCase } from '../connection/row-values.ts'
import { query } from '../connection/translate-errors.ts'
import { DeploymentMismatchError } from '../errors.ts'
import { deployments, rollupFloors } from '../schema/deployments.ts'

/** Which contract a rollup's name stands for. */
export interface Deployment {
  rollup: string
  chainId: number
  contract: Address
}

/**
 * Notes which contract the name stands for, and compares at every later start.
 * @throws DeploymentMismatchError when the name or the contract is known otherwise.
 */
export const pinDeployment = query('pinning a deployment', async (db: Db, deployment: Deployment): Promise<void> => {
  const { rollup, chainId } = deployment
  const contract = lowerCase(deployment.contract)
  await db.insert(deployments).values({ rollup, chainId, contract }).onConflictDoNothing()
  const sameContract = and(eq(deployments.chainId, chainId), eq(deployments.contract, contract))
  const known = await db
    .select()
    .from(deployments)
    .where(or(eq(deployments.rollup, rollup), sameContract))
  if (known.some((d) => d.rollup === rollup && d.chainId === chainId && d.contract === contract)) return
  throw new DeploymentMismatchError({
    configured: tell({ rollup, chainId, contract }),
    known: known.map(tell).join(' and '),
  })
})

const tell = ({ rollup, chainId, contract }: Deployment) =>
  `rollup "${rollup}" is contract ${contract} on chain ${chainId}`

/** Finds the batch up to which all sequences were finished and final when last surveyed; 0 when nothing is known. */
export const findFloor = query('finding a floor', async (db: Db, rollup: string): Promise<number> => {
  const [row] = await db.select().from(rollupFloors).where(eq(rollupFloors.rollup, rollup))
  return row?.floorBatch ?? 0
})

/** Notes a floor, also a lower one: a reorg deeper than finality opens again what was over. */
export const setFloor = query(
  'setting a floor',
  async (db: Db, { rollup, floorBatch }: { rollup: string; floorBatch: number }): Promise<void> => {
    await db
      .insert(rollupFloors)
      .values({ rollup, floorBatch })
      .onConflictDoUpdate({ target: rollupFloors.rollup, set: { floorBatch } })
  },
)
