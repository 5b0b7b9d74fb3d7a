import { type Address, type PublicClient, parseEventLogs, zeroHash } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { RollupFacts } from '../invariants/facts.ts'
import type { RollupContract } from './contract.ts'

/** Our own contract: rounds keep the windows that they began with, and its events tell everything. */
export const ours: RollupContract = {
  async readRound({ rollup: address, miner: { publicClient, walletClient } }, to) {
    const miner = walletClient.account.address
    const at = { address, abi: rollupAbi } as const
    const [round, own] = await Promise.all([
      publicClient.readContract({ ...at, functionName: 'getRound', args: [BigInt(to)] }),
      publicClient.readContract({ ...at, functionName: 'getCommitment', args: [BigInt(to), miner] }),
    ])
    const start = Number(round.startBlock)
    const commitsEnd = start + Number(round.commitBlocks)
    const blocks =
      start === 0
        ? { commitsEnd: 0, proofsBegin: 0, roundEnd: 0 }
        : { commitsEnd, proofsBegin: commitsEnd + 1, roundEnd: commitsEnd + Number(round.proveBlocks) }
    return {
      ...blocks,
      lateDeadline: Number(round.lateProofDeadlineBlock),
      isOurs: start > 0 && own.proofHash !== zeroHash && own.roundStartBlock === round.startBlock,
      isOurProofAccepted: own.isProved,
    }
  },

  async readFacts(client, { rollup: address }) {
    const events = parseEventLogs({ abi: rollupAbi, logs: await client.getLogs({ address, fromBlock: 0n }) })
    const of = <N extends (typeof events)[number]['eventName']>(eventName: N) =>
      events.filter(
        (event): event is Extract<(typeof events)[number], { eventName: N }> => event.eventName === eventName,
      )
    return {
      balanceWei: await client.getBalance({ address }),
      buckets: await client.readContract({ address, abi: rollupAbi, functionName: 'accounting' }),
      stakes: await readStakes(client, address, [...new Set(of('Deposited').map(({ args }) => args.miner))]),
      rounds: of('RoundOpened').map(({ args }) => ({
        to: Number(args.finalNewBatch),
        startBlock: Number(args.startBlock),
        commitBlocks: Number(args.commitBlocks),
        proveBlocks: Number(args.proveBlocks),
      })),
      accepted: of('ProofAccepted').map(({ args }) => {
        return { to: Number(args.finalNewBatch), miner: args.miner, roundStartBlock: Number(args.roundStartBlock) }
      }),
      settled: of('CommitmentSettled').map(({ args }) => {
        return { to: Number(args.finalNewBatch), miner: args.miner, penaltyWei: args.penalty, rewardWei: args.reward }
      }),
      fines: [], // a penalty is settled with its hash
      emergencies: of('EmergencyStateActivated').map(({ blockNumber }) => Number(blockNumber)),
      paid: [...of('Claimed'), ...of('Withdrawn')].map(({ args }) => ({ miner: args.miner, wei: args.amount })),
    }
  },
}

function readStakes(
  client: PublicClient,
  address: Address,
  miners: readonly Address[],
): Promise<RollupFacts['stakes']> {
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
