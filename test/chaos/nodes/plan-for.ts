import { drawPlan, FAULT_NAMES, type FaultName, type Plan } from '../plans/plan.ts'
import type { NodeName } from './names.ts'

/** Blocks that were there are replaced, or the base fee is set, by methods that only anvil has. */
const needsAnvil = (name: FaultName): boolean => name.startsWith('reorg') || name === 'base-fee-up'

/** Names of faults that can't be played on a node. */
export const unplayable = (node: NodeName): readonly string[] =>
  node === 'anvil' ? [] : FAULT_NAMES.filter(needsAnvil)

/**
 * The plan of a seed for a node: without what can't be played on it, which makes it another one than the same seed's on
 * anvil.
 */
export function drawPlanFor(node: NodeName, seed: number, only?: readonly string[]): Plan {
  const plan = drawPlan(seed, only, unplayable(node))
  return node === 'anvil' ? plan : { ...plan, node }
}
