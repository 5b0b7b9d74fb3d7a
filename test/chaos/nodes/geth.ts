import { setTimeout as delay } from 'node:timers/promises'
import type { Hex } from 'viem'
import type { StackPart } from '../../../dev/stack/part.ts'
import { pollUntil } from '../../../dev/stack/wait.ts'
import { commitBlocks } from '../../support/nodes/geth-blocks.ts'
import { createLock } from '../world/lock.ts'
import { type ChainControl, commonControl } from './node.ts'
import { nodeRpc } from './node-rpc.ts'

/** Pause between two looks at the pool while every transaction is mined at once, ms. */
const AUTOMINE_MS = 50

/** Longest time without a block meanwhile, ms. */
const PULSE_MS = 1_000

/** Blocks that are remembered: as many as one that is killed may lack, and many more. */
const KNOWN_BLOCKS = 64

/** Longest time until a geth that has started makes a block, ms. */
const START_MS = 30_000

/** Controls a geth that makes blocks on demand. It replaces none, and its base fee is what its blocks make of it. */
export function createGethControl(rpcUrl: string): ChainControl {
  const rpc = nodeRpc(rpcUrl)
  const lock = createLock() // of two blocks on the same parent only one stays
  const mine = (blocks: number) => lock.during(() => commitBlocks(rpc.call, blocks))
  const refuse = async (what: string): Promise<never> => {
    throw new Error(`geth can't ${what}: plans for it have no such fault`)
  }
  let known: readonly Hex[] = []
  // As it starts it makes a block by itself. One of ours beside it would be replaced, or replace it.
  const untilOwnBlock = () =>
    pollUntil(
      async () => {
        const head = await rpc.head()
        const { hash } = await rpc.block(head)
        if (head === 0 || known.includes(hash)) throw new Error('geth has not made the block yet that it starts with')
      },
      {
        timeoutMs: START_MS,
        signal: new AbortController().signal,
        onTimeout: (cause) => new Error('geth makes no block.', { cause }),
      },
    )
  const endNode = (node: StackPart, signal: NodeJS.Signals) =>
    lock.during(async () => {
      const head = await rpc.head()
      const last = Array.from({ length: Math.min(KNOWN_BLOCKS, head + 1) }, (_, back) => rpc.block(head - back))
      known = (await Promise.all(last)).map(({ hash }) => hash)
      await node.kill(signal)
    })
  let automine: { stop(): Promise<void> } | undefined
  return {
    ...commonControl(rpc),
    takeDown: (node) => endNode(node, 'SIGTERM'), // after a SIGKILL it may lack its last blocks
    crash: (node) => endNode(node, 'SIGKILL'),
    bringBack: (node) =>
      lock.during(async () => {
        await node.start()
        await untilOwnBlock()
      }),
    // No transaction may have more than 16.8 million gas (EIP-7825), nor cost more than a coin (`--rpc.txfeecap`).
    fillings: Array.from({ length: 8 }, () => 7_400_000n),
    mine,
    async setAutomine(isOn) {
      await automine?.stop()
      if (isOn) await lock.during(untilOwnBlock)
      automine = isOn ? startAutomine(rpc.call, mine) : undefined
    },
    raiseBaseFee: () => refuse('set a base fee'),
    reorg: () => refuse('replace blocks'),
  }
}

async function isPoolEmpty(call: ReturnType<typeof nodeRpc>['call']): Promise<boolean> {
  const { pending, queued } = await call<{ pending: Hex; queued: Hex }>('txpool_status')
  return BigInt(pending) + BigInt(queued) === 0n
}

/**
 * Makes a block as soon as the pool has something, and one now and then all the same: who waits for a receipt (viem)
 * asks for it once a block, and geth tells of a block a moment before its receipts.
 */
function startAutomine(
  call: ReturnType<typeof nodeRpc>['call'],
  mine: (blocks: number) => Promise<void>,
): { stop(): Promise<void> } {
  const end = new AbortController()
  let minedAtMs = 0
  const look = async () => {
    if ((await isPoolEmpty(call)) && performance.now() - minedAtMs < PULSE_MS) return
    await mine(1)
    minedAtMs = performance.now()
  }
  const looking = (async () => {
    while (!end.signal.aborted) {
      await look().catch(() => {}) // a busy node may have refused a block: whoever waits for it hears of it in the end
      await delay(AUTOMINE_MS, undefined, { ref: false })
    }
  })()
  return {
    stop: () => {
      end.abort()
      return looking
    },
  }
}
