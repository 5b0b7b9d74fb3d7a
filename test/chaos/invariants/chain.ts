import { type Address, parseEventLogs } from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import { type Posted, readState } from '../sequence-state.ts'
import type { World } from '../world.ts'

/** `deposit()`: stake, sent before the sender owned the account's nonce. */
const DEPOSIT = '0xd0e30db0'

/** 1: every sequence is verified, and our proof accepted wherever our hash stands. */
export async function settledEverywhere(_world: World, posted: readonly Posted[]): Promise<string[]> {
  const states = await Promise.all(posted.map((one) => readState(one)))
  return states.flatMap((state) => {
    const name = `batches ${state.sequence.from}-${state.sequence.to} of ${state.rollup.name}`
    if (!state.isVerified) return [`${name} are not verified`]
    return state.isOurs && !state.isOurProofAccepted ? [`our hash of ${name} stands without our accepted proof`] : []
  })
}

/** 3 and 4: no penalty; at most one accepted proof per sequence and miner; a proof is paid. */
export async function paidAndUnpunished(world: World): Promise<string[]> {
  const found = await Promise.all(
    world.deployment.rollups.map(async ({ rollup, name, deploymentBlock, miner: { publicClient, walletClient } }) => {
      const miner = walletClient.account.address
      const raw = await publicClient.getLogs({ address: rollup, fromBlock: deploymentBlock })
      const settled = parseEventLogs({ abi: rollupAbi, logs: raw, eventName: 'CommitmentSettled' }).filter(({ args }) =>
        isSame(args.miner, miner),
      )
      const accepted = parseEventLogs({ abi: rollupAbi, logs: raw, eventName: 'ProofAccepted' }).filter(({ args }) =>
        isSame(args.miner, miner),
      )
      const proved = accepted.map(({ args }) => args.finalNewBatch)
      return [
        ...settled.flatMap(({ args }) =>
          args.penalty > 0n ? [`${name}: penalty of ${args.penalty} wei for batch ${args.finalNewBatch}`] : [],
        ),
        ...settled.flatMap(({ args }) =>
          args.reward === 0n && proved.includes(args.finalNewBatch) ? [`${name}: no reward for batch ${args.finalNewBatch}`] : [],
        ),
        ...proved.flatMap((to, i) => (proved.indexOf(to) === i ? [] : [`${name}: two proofs of batch ${to} were accepted`])),
      ]
    }),
  )
  return found.flat()
}

/** 4: every transaction of the account has a stored attempt, and its nonces have no gap. */
export async function allTransactionsKnown(world: World): Promise<string[]> {
  return (await Promise.all(world.deployment.rollups.map(({ miner }) => transactionsOf(world, miner)))).flat()
}

async function transactionsOf(world: World, { publicClient, walletClient }: LocalRollup['miner']): Promise<string[]> {
  const miner = walletClient.account.address
  const head = await world.control.head()
  const blocks = await Promise.all(
    Array.from({ length: head + 1 }, (_, i) => publicClient.getBlock({ blockNumber: BigInt(i), includeTransactions: true })),
  )
  const ours = blocks.flatMap(({ transactions }) => transactions).filter(({ from }) => isSame(from, miner))
  const known = new Set((await world.sql`select tx_hash from zkpow.attempts`).map((row) => row.tx_hash as string))
  const foreign = ours.filter(({ hash, input }) => input !== DEPOSIT && !known.has(hash))
  const nonce = await publicClient.getTransactionCount({ address: miner })
  const pending = await publicClient.getTransactionCount({ address: miner, blockTag: 'pending' })
  const live = await world.sql`
    select distinct nonce::int as nonce from zkpow.attempts where account = ${miner.toLowerCase()} and nonce >= ${nonce} and broadcast_at is not null order by nonce`
  return [
    ...foreign.map(({ hash }) => `transaction ${hash} of our account has no stored attempt`),
    ...live.flatMap((row, i) => (row.nonce === nonce + i ? [] : [`nonce ${row.nonce} was broadcast, the chain is at ${nonce}`])),
    ...(pending < nonce ? [`the pool is at nonce ${pending}, the chain at ${nonce}`] : []),
  ]
}

/** 5: every wei of a rollup is in one of its buckets. */
export async function everyWeiAccounted(world: World): Promise<string[]> {
  const found = await Promise.all(
    world.deployment.rollups.map(async ({ rollup, name, miner: { publicClient } }) => {
      const sums = await publicClient.readContract({ address: rollup, abi: rollupAbi, functionName: 'accounting' })
      const total = Object.values(sums).reduce((sum, wei) => sum + wei, 0n)
      const balance = await publicClient.getBalance({ address: rollup })
      return total === balance ? [] : [`${name}: the buckets hold ${total} wei, the balance is ${balance}`]
    }),
  )
  return found.flat()
}

const isSame = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase()
