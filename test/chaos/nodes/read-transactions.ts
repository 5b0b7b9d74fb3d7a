import type { PublicClient, Transaction } from 'viem'

/** Reads everything that stands on chain, in its order. */
export async function readTransactions(client: PublicClient): Promise<Transaction[]> {
  const head = Number(await client.getBlockNumber())
  const blocks = await Promise.all(
    Array.from({ length: head + 1 }, (_, i) => client.getBlock({ blockNumber: BigInt(i), includeTransactions: true })),
  )
  return blocks.flatMap(({ transactions }) => transactions)
}
