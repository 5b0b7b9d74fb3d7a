import { type Address, createPublicClient, type Hex, http, type PublicClient, parseEventLogs } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { World } from '../world.ts'
import type { AccountFacts, MinedTransaction, RollupFacts } from './facts.ts'

/** `deposit()`: stake, sent before the sender owned the account's nonce. */
const DEPOSIT = '0xd0e30db0'

/** What anvil gives to each of its accounts. */
const START_WEI = 10_000n * 10n ** 18n

/** Of the node itself, past all faults. */
export const nodeClient = (world: Pick<World, 'stack'>): PublicClient =>
  createPublicClient({ transport: http(world.stack.rpcUrl, { batch: { batchSize: 100 } }) })

export async function readRollups(world: World): Promise<RollupFacts[]> {
  const client = nodeClient(world)
  return Promise.all(world.deployment.rollups.map((rollup) => readRollup(client, rollup)))
}

async function readRollup(client: PublicClient, { name, rollup: address, miner }: LocalRollup): Promise<RollupFacts> {
  const raw = await client.getLogs({ address, fromBlock: 0n })
  const events = parseEventLogs({ abi: rollupAbi, logs: raw })
  const of = <N extends (typeof events)[number]['eventName']>(eventName: N) =>
    events.filter((event): event is Extract<(typeof events)[number], { eventName: N }> => event.eventName === eventName)
  return {
    name,
    miner: miner.walletClient.account.address,
    head: Number(await client.getBlockNumber()),
    balanceWei: await client.getBalance({ address }),
    buckets: await client.readContract({ address, abi: rollupAbi, functionName: 'accounting' }),
    stakes: await readStakes(client, address, [...new Set(of('Deposited').map(({ args }) => args.miner))]),
    sequences: await readSequences(client, address),
    rounds: of('RoundOpened').map(({ args }) => ({
      to: Number(args.finalNewBatch),
      startBlock: Number(args.startBlock),
      commitBlocks: Number(args.commitBlocks),
      proveBlocks: Number(args.proveBlocks),
    })),
    commits: of('SubmitProofHash').map(({ args, blockNumber, transactionHash }) => {
      return {
        to: Number(args.finalNewBatch),
        miner: args._prover,
        proofHash: args._proofHash,
        block: Number(blockNumber),
        txHash: transactionHash,
      }
    }),
    accepted: of('ProofAccepted').map(({ args }) => {
      return { to: Number(args.finalNewBatch), miner: args.miner, roundStartBlock: Number(args.roundStartBlock) }
    }),
    settled: of('CommitmentSettled').map(({ args }) => {
      return { to: Number(args.finalNewBatch), miner: args.miner, penaltyWei: args.penalty, rewardWei: args.reward }
    }),
    emergencies: of('EmergencyStateActivated').map(({ blockNumber }) => Number(blockNumber)),
    paid: [...of('Claimed'), ...of('Withdrawn')].map(({ args }) => ({ miner: args.miner, wei: args.amount })),
  }
}

function readStakes(client: PublicClient, address: Address, miners: readonly Address[]): Promise<RollupFacts['stakes']> {
  const at = { address, abi: rollupAbi } as const
  return Promise.all(
    miners.map(async (miner) => ({
      miner,
      totalWei: await client.readContract({ ...at, functionName: 'depositOf', args: [miner] }),
      lockedWei: await client.readContract({ ...at, functionName: 'lockedOf', args: [miner] }),
      claimableWei: await client.readContract({ ...at, functionName: 'claimable', args: [miner] }),
    })),
  )
}

/** From the last one back, as the contract links them. */
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
  const head = Number(await client.getBlockNumber())
  const blocks = await Promise.all(
    Array.from({ length: head + 1 }, (_, i) => client.getBlock({ blockNumber: BigInt(i), includeTransactions: true })),
  )
  const all = blocks.flatMap(({ transactions }) => transactions)
  // Each once: rollups may share one.
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
    ...{ hash: p.hash, nonce: p.nonce, raw, valueWei: p.value, isStake: p.input === DEPOSIT },
    ...{ block: Number(receipt.blockNumber), blockHash: receipt.blockHash, status: receipt.status },
    ...{ gasUsed: receipt.gasUsed, gasPriceWei: receipt.effectiveGasPrice },
  }
}
