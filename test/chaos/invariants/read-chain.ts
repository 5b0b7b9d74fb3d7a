import { type Address, createPublicClient, type Hex, http, type PublicClient, parseEventLogs } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import { contractOf } from '../contracts/index.ts'
import { readTransactions } from '../nodes/read-transactions.ts'
import type { World } from '../world/world.ts'
import type { AccountFacts, MinedTransaction, RollupFacts } from './facts.ts'

/** `deposit()`, and `deposit(uint256)` of 2023: stake, sent before the sender owned the account's nonce. */
const DEPOSITS = ['0xd0e30db0', '0xb6b55f25']

/** What anvil gives to each of its accounts. */
const START_WEI = 10_000n * 10n ** 18n

/** Makes a client of the node itself, past all faults. */
export const nodeClient = (world: Pick<World, 'stack'>): PublicClient =>
  createPublicClient({ transport: http(world.stack.rpcUrl, { batch: { batchSize: 100 } }) })

export async function readRollups(world: World): Promise<RollupFacts[]> {
  const client = nodeClient(world)
  return Promise.all(world.deployment.rollups.map((rollup) => readRollup(client, rollup)))
}

async function readRollup(client: PublicClient, rollup: LocalRollup): Promise<RollupFacts> {
  const { rollup: address, name, miner } = rollup
  return {
    name,
    miner: miner.walletClient.account.address,
    head: Number(await client.getBlockNumber()),
    sequences: await readSequences(client, address),
    commits: parseEventLogs({
      abi: rollupAbi,
      logs: await client.getLogs({ address, fromBlock: 0n }),
      eventName: 'SubmitProofHash',
    }).map(({ args, blockNumber, transactionHash }) => ({
      to: Number(args.finalNewBatch),
      miner: args._prover,
      proofHash: args._proofHash,
      block: Number(blockNumber),
      txHash: transactionHash,
    })),
    ...(await contractOf(rollup).readFacts(client, rollup)),
  }
}

/** Reads sequences from the last one back, as the contract links them. */
export async function readSequences(client: PublicClient, address: Address): Promise<RollupFacts['sequences']> {
  const at = { address, abi: rollupAbi } as const
  const verified = Number(await client.readContract({ ...at, functionName: 'lastVerifiedBatch' }))
  const found = []
  for (let to = Number(await client.readContract({ ...at, functionName: 'lastBatchSequenced' })); to > 0; ) {
    const [, , before] = await client.readContract({ ...at, functionName: 'sequencedBatches', args: [BigInt(to)] })
    found.unshift({ from: Number(before) + 1, to, isVerified: verified >= to })
    to = Number(before)
  }
  return found
}

export async function readAccounts(world: World): Promise<AccountFacts[]> {
  const client = nodeClient(world)
  const all = await readTransactions(client)
  // Each account counts once, for rollups may share one.
  const addresses = new Set(world.deployment.rollups.map(({ miner }) => miner.walletClient.account.address))
  return Promise.all(
    [...addresses].map(async (address) => {
      const own = all.filter(({ from }) => from.toLowerCase() === address.toLowerCase())
      return {
        address,
        startWei: START_WEI,
        balanceWei: await client.getBalance({ address }),
        nonce: await client.getTransactionCount({ address }),
        poolNonce: await client.getTransactionCount({ address, blockTag: 'pending' }),
        transactions: await Promise.all(own.map((one) => readTransaction(client, one))),
      }
    }),
  )
}

async function readTransaction(
  client: PublicClient,
  p: { hash: Hex; nonce: number; value: bigint; input: Hex },
): Promise<MinedTransaction> {
  const receipt = await client.getTransactionReceipt({ hash: p.hash })
  const raw = await client.request({ method: 'eth_getRawTransactionByHash' as never, params: [p.hash] as never })
  return {
    ...{ hash: p.hash, nonce: p.nonce, raw, valueWei: p.value, isStake: DEPOSITS.includes(p.input.slice(0, 10)) },
    ...{ block: Number(receipt.blockNumber), blockHash: receipt.blockHash, status: receipt.status },
    ...{ gasUsed: receipt.gasUsed, gasPriceWei: receipt.effectiveGasPrice },
  }
}
