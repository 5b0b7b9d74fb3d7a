import { type Address, type Hex, isAddressEqual, numberToHex } from 'viem'
import type { StackPart } from '../../../dev/stack/part.ts'
import { createLock } from '../world/lock.ts'
import { type NodeRpc, nodeRpc } from './node-rpc.ts'
import { type FateOf, type Reorged, replaceBlocks } from './replace-blocks.ts'

/** What tests may do to a chain and nobody else can. */
export interface ChainControl {
  head(): Promise<number>
  mine(blocks: number): Promise<void>
  /**
   * Tells the time of the block that is `depth` below the head. A replaced block gets the time of the last one that
   * stays, and batches must not be younger than theirs: so they are given the time of one that no reorg reaches.
   */
  oldTimestampSec(depth: number): Promise<bigint>
  /** Sets whether every transaction is mined at once. */
  setAutomine(isOn: boolean): Promise<void>
  /** Raises the next block's base fee above that of the head as far as a chain allows, within limits, wei. */
  raiseBaseFee(leastWei: bigint, mostWei: bigint): Promise<void>
  /**
   * Replaces the last `depth` blocks, and answers what stood in them and how much of it met each fate.
   * @param depth may be found out while no more blocks come; of 0 none is replaced.
   */
  reorg(depth: number | (() => Promise<number>), fateOf: FateOf): Promise<Reorged>
  /**
   * Counts the blocks from the last one in which `from` has a transaction to the head; null when none of the last
   * `most` has one.
   */
  depthOf(from: Address, most: number): Promise<number | null>
  /** Reads the bytes of what waits in the pool. */
  pooled(isMeant: (from: Address) => boolean): Promise<Hex[]>
  /** Sends bytes again; what the node doesn't take is passed over. */
  send(raw: readonly Hex[]): Promise<void>
  /** Lets the node be gone without losing blocks; what waits in its pool is lost. */
  takeDown(node: StackPart): Promise<void>
  /** Lets it be gone as a machine that loses power would: a geth lacks its last blocks then, which is a reorg. */
  crash(node: StackPart): Promise<void>
  /** Lets the node come back. */
  bringBack(node: StackPart): Promise<void>
  /** Gas limits of transactions that together fill a block. */
  readonly fillings: readonly bigint[]
}

/** Controls what every node has methods for. */
export function commonControl(
  rpc: NodeRpc,
): Pick<ChainControl, 'head' | 'oldTimestampSec' | 'send' | 'pooled' | 'depthOf'> {
  return {
    head: rpc.head,
    oldTimestampSec: async (depth) => BigInt((await rpc.block((await rpc.head()) - depth)).timestamp),
    send: rpc.send,
    pooled: async (isMeant) => rpc.rawsOf((await rpc.pool()).filter(({ from }) => isMeant(from))),
    async depthOf(from, most) {
      const blocks = Math.min(most, await rpc.head())
      const last = (await rpc.lastTransactions(blocks)).findLast((one) => isAddressEqual(one.from, from))
      return last === undefined ? null : blocks - last.offset
    },
  }
}

/** Controls an anvil that makes no blocks by itself. */
export function createChainControl(rpcUrl: string): ChainControl {
  const rpc = nodeRpc(rpcUrl)
  const lock = createLock() // no block comes while others are replaced
  return {
    ...commonControl(rpc),
    takeDown: (node) => node.kill('SIGKILL'), // its state is written before
    crash: (node) => node.kill('SIGKILL'),
    bringBack: (node) => node.start(),
    fillings: [29_900_000n],
    mine: (blocks) => lock.during(() => rpc.mine(blocks)),
    setAutomine: (isOn) => rpc.call('evm_setAutomine', isOn),
    raiseBaseFee: (leastWei, mostWei) =>
      lock.during(async () => {
        const { baseFeePerGas } = await rpc.block(await rpc.head())
        const raised = (BigInt(baseFeePerGas) * 9n) / 8n // by EIP-1559 it rises by an eighth a block
        const wei = raised < leastWei ? leastWei : raised > mostWei ? mostWei : raised
        await rpc.call('anvil_setNextBlockBaseFeePerGas', numberToHex(wei))
      }),
    reorg: (depth, fateOf) =>
      lock.during(async () => replaceBlocks(rpc, typeof depth === 'number' ? depth : await depth(), fateOf)),
  }
}
