import { type Address, getContract } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import type { ModelDriver } from './model-driver.ts'
import {
  lastBlock,
  lastSequenced,
  lastVerified,
  liveRound,
  lockedOf,
  type Model,
  type ModelCommit,
  type ModelSequence,
  setAside,
  sum,
} from './model-state.ts'

/** All that anybody can see of the rollup. Both sides are reduced to this and compared after every step. */
export type Observation = Awaited<ReturnType<typeof observeChain>>

/** Reads what the contract's views and the wallets say. */
export async function observeChain(driver: ModelDriver, walletsBefore: ReadonlyMap<string, bigint>) {
  const { client, rollup, treasury } = driver.chain
  const { read } = contractOf(driver)
  const wallet = async (name: string) =>
    (await client.getBalance({ address: name === 'treasury' ? treasury : driver.addressOf(name) })) -
    (walletsBefore.get(name) ?? 0n)
  const [accounting, balance, treasuryWallet, lastVerifiedBatch, lastBatchSequenced, miners, sequences] =
    await Promise.all([
      read.accounting(),
      client.getBalance({ address: rollup }),
      wallet('treasury'),
      read.lastVerifiedBatch(),
      read.lastBatchSequenced(),
      Promise.all(Object.keys(driver.miners).map((name) => observeMiner(read, driver.addressOf(name), wallet(name)))),
      Promise.all(
        driver.sequences.map(({ final }) => observeSequence(read, BigInt(final), Object.values(driver.miners))),
      ),
    ])
  return { accounting, balance, treasuryWallet, lastVerifiedBatch, lastBatchSequenced, miners, sequences }
}

/** Tells what the model expects them to say. */
export function observeModel(model: Model): Observation {
  const names = Object.keys(model.miners)
  const accounting = accountingOf(model)
  return {
    accounting,
    balance: sum(Object.values(accounting)), // every wei is in a bucket
    treasuryWallet: model.treasuryWallet,
    lastVerifiedBatch: BigInt(lastVerified(model)),
    lastBatchSequenced: BigInt(lastSequenced(model)),
    miners: Object.entries(model.miners).map(([name, { stake, claimable, wallet }]) => ({
      deposit: stake,
      locked: lockedOf(model, name),
      claimable,
      wallet,
    })),
    sequences: model.sequences.map((sequence) => expectedSequence(sequence, names)),
  }
}

function accountingOf(model: Model) {
  const miners = Object.entries(model.miners)
  const locked = sum(miners.map(([name]) => lockedOf(model, name)))
  return {
    stake: sum(miners.map(([, miner]) => miner.stake)) - locked,
    locked,
    pool: model.pool,
    setAside: sum(model.sequences.map(setAside)),
    claimable: sum(miners.map(([, miner]) => miner.claimable)),
    treasury: model.treasury,
  }
}

async function observeMiner(read: Views, address: Address, wallet: Promise<bigint>) {
  const [deposit, locked, claimable, walletChange] = await Promise.all([
    read.depositOf([address]),
    read.lockedOf([address]),
    read.claimable([address]),
    wallet,
  ])
  return { deposit, locked, claimable, wallet: walletChange }
}

async function observeSequence(read: Views, final: bigint, miners: readonly Address[]) {
  const [round, [, , init, R, isVerified], reward, commits] = await Promise.all([
    read.getRound([final]),
    read.sequencedBatches([final]),
    read.getSequenceReward([final]),
    Promise.all(miners.map((miner) => read.getCommitment([final, miner]))),
  ])
  return {
    round,
    init,
    R,
    isVerified,
    reward: { amount: reward.amount, credited: reward.credited },
    commits: commits.map(({ proofHash: _, ...commitment }) => commitment),
  }
}

function expectedSequence(sequence: ModelSequence, names: readonly string[]): Observation['sequences'][number] {
  const round = liveRound(sequence)
  const isVerified = (round?.verifiedAt ?? 0) > 0
  return {
    round: {
      startBlock: BigInt(round?.start ?? 0),
      commitBlocks: BigInt(round?.commitBlocks ?? 0),
      proveBlocks: BigInt(round?.proveBlocks ?? 0),
      penalty: round?.penalty ?? 0n,
      isVerified,
      verifiedAtBlock: BigInt(round?.verifiedAt ?? 0),
      lateProofDeadlineBlock: round !== undefined && isVerified ? BigInt(lastBlock(round)) : 0n,
    },
    init: BigInt(sequence.init),
    R: BigInt(round?.start ?? 0),
    isVerified,
    reward: { amount: sequence.reward, credited: sequence.credited },
    commits: names.map((name) => expectedCommit(sequence.commits[name])),
  }
}

const expectedCommit = (own: ModelCommit | undefined) => ({
  roundStartBlock: BigInt(own?.round.start ?? 0),
  lockedStake: own === undefined || own.isProved || own.isSettled ? 0n : own.round.penalty,
  isProved: own?.isProved ?? false,
  isSettled: own?.isSettled ?? false,
})

const contractOf = ({ chain: { client, rollup } }: ModelDriver) =>
  getContract({ abi: rollupAbi, address: rollup, client: { public: client } })

type Views = ReturnType<typeof contractOf>['read']
