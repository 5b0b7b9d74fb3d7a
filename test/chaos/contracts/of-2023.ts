import {
  type Address,
  getAddress,
  isAddressEqual,
  type Log,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  zeroHash,
} from 'viem'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { RollupFacts } from '../invariants/facts.ts'
import { readTransactions } from '../nodes/read-transactions.ts'
import { WINDOWS } from '../plans/windows.ts'
import type { ContractFacts, RollupContract } from './contract.ts'
import { type RoundEvent, roundsOf } from './rounds-of-2023.ts'

const abi = parseAbi([
  'function sequencedBatches(uint64) view returns (bytes32 accInputHash, uint64 sequencedTimestamp, uint64 previousLastBatchSequenced, uint256 blockNumber, bool proofSubmitted)',
  'function proverCommitProofHash(uint64, address) view returns (bytes32 proofHash, uint256 blockNumber, bool proof)',
  'function proofHashCommitEpoch() view returns (uint8)',
  'function proofCommitEpoch() view returns (uint8)',
  'function incorrectProofHashPunishAmount() view returns (uint256)',
  'function depositOf(address) view returns (uint256)',
  'event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash)',
  'event VerifyBatchesTrustedAggregator(uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator)',
  'event SetProofHashCommitEpoch(uint8 newProofHashCommitEpoch)',
  'event SetProofCommitEpoch(uint8 newProofCommitEpoch)',
  'event PunishAmount(address indexed miner, uint256 amount)',
  'event DistributeRewards(uint256 indexed finalNewBatch, address indexed rollup, address indexed miner, uint256 amount)',
])

/**
 * A contract of 2023: rounds are read from hashes, payment is in the proof's call, fines come with a miner's next call
 * and name no sequence.
 */
export const of2023: RollupContract = {
  async readRound({ rollup: address, miner: { publicClient, walletClient } }, to) {
    const miner = walletClient.account.address
    const at = { address, abi } as const
    const [[, , , start], [hash, ownStart, isProved], commitBlocks, proveBlocks] = await Promise.all([
      publicClient.readContract({ ...at, functionName: 'sequencedBatches', args: [BigInt(to)] }),
      publicClient.readContract({ ...at, functionName: 'proverCommitProofHash', args: [BigInt(to), miner] }),
      publicClient.readContract({ ...at, functionName: 'proofHashCommitEpoch' }),
      publicClient.readContract({ ...at, functionName: 'proofCommitEpoch' }),
    ])
    const proofsBegin = Number(start) + commitBlocks // that block takes hashes, too
    const blocks =
      start === 0n
        ? { commitsEnd: 0, proofsBegin: 0, roundEnd: 0 }
        : { commitsEnd: proofsBegin + 1, proofsBegin, roundEnd: proofsBegin + proveBlocks }
    return {
      ...blocks,
      lateDeadline: 0,
      isOurs: start > 0n && hash !== zeroHash && ownStart === start,
      isOurProofAccepted: isProved,
    }
  },

  async readFacts(client, rollup) {
    const logs = await client.getLogs({ address: [rollup.rollup, rollup.slotAdapter], fromBlock: 0n })
    const events = parseEventLogs({ abi, logs })
    const of = <N extends (typeof events)[number]['eventName']>(eventName: N) =>
      events.filter(
        (event): event is Extract<(typeof events)[number], { eventName: N }> => event.eventName === eventName,
      )
    const wrongWei = await client.readContract({
      address: rollup.rollup,
      abi,
      functionName: 'incorrectProofHashPunishAmount',
    })
    const rounds = roundsOf(roundEvents(logs), WINDOWS)
    const rewards = of('DistributeRewards').map(({ args, blockNumber }) => {
      return { to: Number(args.finalNewBatch), miner: args.miner, wei: args.amount, block: Number(blockNumber) }
    })
    const fines = of('PunishAmount').map(({ args: { miner, amount }, blockNumber }) => {
      return { miner, wei: amount, block: Number(blockNumber), isOfWrongProof: amount === wrongWei }
    })
    const accepted = rewards.map(({ to, miner, block }) => ({ to, miner, roundStartBlock: roundAt(rounds, to, block) }))
    const committers = of('SubmitProofHash').map(({ args }) => ({
      to: Number(args.finalNewBatch),
      miner: args._prover,
    }))
    await compareWithState(client, rollup, { rounds, accepted, committers })
    return {
      ...(await readMoney(client, rollup, { rewards, fines })),
      ...{ rounds, accepted, fines },
      settled: rewards.map(({ to, miner, wei }) => ({ to, miner, penaltyWei: 0n, rewardWei: wei })),
      emergencies: [], // none makes a round void
      paid: rewards.map(({ miner, wei }) => ({ miner, wei })),
    }
  },
}

/**
 * Finds R, which never changes once the sequence is verified. A proof is accepted of the present round's hashes only.
 */
const roundAt = (rounds: RollupFacts['rounds'], to: number, block: number): number =>
  rounds.findLast((one) => one.to === to && one.startBlock <= block)?.startBlock ?? 0

function roundEvents(logs: Log[]): RoundEvent[] {
  return parseEventLogs({ abi, logs }).flatMap((event): RoundEvent[] => {
    const block = Number(event.blockNumber)
    switch (event.eventName) {
      case 'SubmitProofHash':
        return [{ kind: 'hash', block, to: Number(event.args.finalNewBatch) }]
      case 'VerifyBatchesTrustedAggregator':
        return [{ kind: 'verified', block, to: Number(event.args.numBatch) }]
      case 'SetProofHashCommitEpoch':
        return [{ kind: 'windows', block, changed: { commitBlocks: event.args.newProofHashCommitEpoch } }]
      case 'SetProofCommitEpoch':
        return [{ kind: 'windows', block, changed: { proveBlocks: event.args.newProofCommitEpoch } }]
      default:
        return []
    }
  })
}

/**
 * Compares what was made of events with what the contract keeps.
 * @throws Error where the two don't agree: then nothing can be judged.
 */
async function compareWithState(
  client: PublicClient,
  { rollup: address, name }: LocalRollup,
  read: Pick<ContractFacts, 'rounds' | 'accepted'> & { committers: { to: number; miner: Address }[] },
): Promise<void> {
  for (const { to, miner } of read.committers) {
    const [[, , , start], [, , isProved]] = await Promise.all([
      client.readContract({ address, abi, functionName: 'sequencedBatches', args: [BigInt(to)] }),
      client.readContract({ address, abi, functionName: 'proverCommitProofHash', args: [BigInt(to), miner] }),
    ])
    const isAccepted = read.accepted.some((one) => one.to === to && isAddressEqual(one.miner, miner))
    if (roundAt(read.rounds, to, Number.MAX_SAFE_INTEGER) === Number(start) && isAccepted === isProved) continue
    throw new Error(
      `the contract of ${name} has R=${start} for batch ${to} and proved=${isProved} for ${miner}: its events say otherwise`,
    )
  }
}

/**
 * Reads the coins of its three contracts together. Stake is kept without events, so what came is counted from
 * transactions.
 */
async function readMoney(
  client: PublicClient,
  { rollup, ideDeposit, slotAdapter }: LocalRollup,
  { rewards, fines }: { rewards: readonly { wei: bigint }[]; fines: readonly { wei: bigint }[] },
): Promise<Pick<ContractFacts, 'balanceWei' | 'buckets' | 'stakes'>> {
  const [balances, deposits, funds] = await Promise.all([
    Promise.all([rollup, ideDeposit, slotAdapter].map((address) => client.getBalance({ address }))),
    readPayments(client, ideDeposit),
    readPayments(client, slotAdapter),
  ])
  const miners = [...new Set(deposits.map(({ from }) => from))]
  const fined = sum(fines.map(({ wei }) => wei))
  return {
    balanceWei: sum(balances),
    buckets: {
      ...{ stake: sum(deposits.map(({ wei }) => wei)) - fined, locked: 0n, claimable: 0n },
      ...{ fined, pool: sum(funds.map(({ wei }) => wei)) - sum(rewards.map(({ wei }) => wei)) },
    },
    stakes: await Promise.all(
      miners.map(async (miner) => ({
        ...{ miner, lockedWei: 0n, claimableWei: 0n },
        totalWei: await client.readContract({ address: ideDeposit, abi, functionName: 'depositOf', args: [miner] }),
      })),
    ),
  }
}

/** Lists coins that were sent along with calls. */
async function readPayments(client: PublicClient, address: Address): Promise<{ from: Address; wei: bigint }[]> {
  const sent = (await readTransactions(client)).filter(
    ({ to, value }) => to !== null && isAddressEqual(to, address) && value > 0n,
  )
  const receipts = await Promise.all(sent.map(({ hash }) => client.getTransactionReceipt({ hash })))
  return sent
    .filter((_, i) => receipts[i]?.status === 'success')
    .map(({ from, value }) => ({ from: getAddress(from), wei: value }))
}

const sum = (all: readonly bigint[]): bigint => all.reduce((a, b) => a + b, 0n)
