import { FAULTS } from '../faults/index.ts'
import { drawPlan } from '../plans/draw-plan.ts'
import type { Plan } from '../plans/plan.ts'
import type { NodeName } from './names.ts'

/** Names the faults that can't be played on a node. */
export const unplayable = (node: NodeName): readonly string[] =>
  node === 'anvil' ? [] : FAULTS.filter(({ needs }) => needs?.includes('anvil')).map(({ name }) => name)

/**
 * Draws the plan of a seed for a node, without what can't be played on it. So it is another plan than the same seed's
 * on anvil.
 */
export function drawPlanFor(node: NodeName, seed: number, only?: readonly string[]): Plan {
  const plan = drawPlan(seed, only, unplayable(node))
  return node === 'anvil' ? plan : { ...plan, node }
}
