import type { PublicClient } from 'viem'
import { inABatchOfItsOwn } from './own-batch.ts'
import { orUnknown } from './past-state.ts'

/** How long it is waited for, ms: it only tells when what was remembered is worthless. */
const MOST_MS = 1_000

/** A node is asked again after this time, ms. */
const ASK_AGAIN_MS = 60_000

type AskConfig = (request: { method: 'eth_config' }) => Promise<{ current?: { forkId?: unknown } } | null>

const asked = new WeakMap<PublicClient, { sinceMs: number; fork: Promise<string | undefined> }>()

/** Which fork of the protocol the node's head is on (EIP-7910); undefined where it doesn't say. Never throws. */
export function forkIdOf(client: PublicClient): Promise<string | undefined> {
  const last = asked.get(client)
  if (last !== undefined && performance.now() - last.sinceMs < ASK_AGAIN_MS) return last.fork
  const fork = orUnknown(
    inABatchOfItsOwn(() => ask(client)).catch(() => undefined),
    MOST_MS,
  ).then((told) => told ?? undefined)
  asked.set(client, { sinceMs: performance.now(), fork })
  return fork
}

async function ask(client: PublicClient): Promise<string | undefined> {
  const config = await (client.request as AskConfig)({ method: 'eth_config' })
  const forkId = config?.current?.forkId
  return typeof forkId === 'string' ? forkId : undefined
}
