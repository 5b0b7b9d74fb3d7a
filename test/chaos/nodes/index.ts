import type { StackOptions } from '../../../dev/stack/stack.ts'
import { ON_DEMAND } from '../../support/nodes/geth-blocks.ts'
import { createGethControl } from './geth.ts'
import type { NodeName } from './names.ts'
import { type ChainControl, createChainControl } from './node.ts'

/** A node whose blocks come when the harness asks for them, and nothing else makes any. */
interface ChaosNode {
  stackOptions: Pick<StackOptions, 'anvil' | 'geth'>
  control(rpcUrl: string): ChainControl
}

export const NODES: Record<NodeName, ChaosNode> = {
  anvil: { stackOptions: { anvil: { extraArgs: ['--no-mining'] } }, control: createChainControl },
  geth: { stackOptions: { geth: { extraArgs: ON_DEMAND } }, control: createGethControl },
}
