/** Nodes that seeds can be carried out on. */
export const NODE_NAMES = ['anvil', 'geth'] as const
export type NodeName = (typeof NODE_NAMES)[number]
