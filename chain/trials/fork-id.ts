import type { PublicClient } from 'viem'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { inABatchOfItsOwn } from '../endpoints/stragglers.ts'

/** How long it is waited for, ms: nothing that is owed depends on it. */
const MOST_MS = 1_000

/** A node is asked again after this time, ms. */
const ASK_AGAIN_MS = 60_000

/**
 * What is told where EIP-7951 is in force, which came in the same fork as the bound of a transaction's gas (EIP-7825):
 * Osaka.
 */
const OF_OSAKA = 'P256VERIFY'

interface Fork {
  id: string | undefined
  isOsaka: boolean
}

const NOTHING: Fork = { id: undefined, isOsaka: false }

type AskConfig = (request: {
  method: 'eth_config'
}) => Promise<{ current?: { forkId?: unknown; precompiles?: unknown } } | null>

const asked = new WeakMap<PublicClient, { sinceMs: number; fork: Promise<Fork> }>()

/** Tells which fork of the protocol the node's head is on (EIP-7910); undefined where it doesn't say. Never throws. */
export const forkIdOf = async (client: PublicClient): Promise<string | undefined> => (await forkOf(client)).id

/** Tells whether the node says that its head is under Osaka's rules, or those of a fork after it. Never throws. */
export const isUnderOsaka = async (client: PublicClient): Promise<boolean> => (await forkOf(client)).isOsaka

function forkOf(client: PublicClient): Promise<Fork> {
  const last = asked.get(client)
  if (last !== undefined && performance.now() - last.sinceMs < ASK_AGAIN_MS) return last.fork
  const fork = orUnknown(
    inABatchOfItsOwn(() => ask(client)).catch(() => NOTHING),
    MOST_MS,
  ).then((told) => told ?? NOTHING)
  asked.set(client, { sinceMs: performance.now(), fork })
  return fork
}

async function ask(client: PublicClient): Promise<Fork> {
  const config = await (client.request as AskConfig)({ method: 'eth_config' })
  const { forkId, precompiles } = config?.current ?? {}
  const isOsaka = typeof precompiles === 'object' && precompiles !== null && OF_OSAKA in precompiles
  return { id: typeof forkId === 'string' ? forkId : undefined, isOsaka }
}
