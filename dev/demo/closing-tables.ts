import { type Address, formatEther, formatGwei, parseEventLogs } from 'viem'
import { formatTable } from '../../client/reports/format.ts'
import { rollupAbi } from '../../contracts/abi.ts'
import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import { connect, type Db } from '../../db/connection/connect.ts'
import { listSequences } from '../../db/decisions/sequences.ts'
import { findNewestSnapshot } from '../../db/proofs/batches.ts'
import { listProofs } from '../../db/proofs/proofs.ts'
import { accountAt } from '../../kinds/payments/account-tree.ts'
import { fromSnapshot } from '../../kinds/payments/snapshot.ts'
import { formatRange } from '../../protocol/base/ranges.ts'
import { formatBytes, formatDuration } from '../../protocol/base/units.ts'
import { STAGES } from '../../protocol/proof/task.ts'
import type { LocalDeployment, LocalRollup } from '../deployment/local-deployment.ts'
import { genesisAccounts, USERS } from '../payments/users.ts'
import type { Stack } from '../stack/stack.ts'
import { DemoFailedError } from './errors.ts'

/**
 * Prints what the run cost and what it brought. @throws DemoFailedError unless the contract has verified everything.
 */
export async function printClosingTables({
  stack,
  deployment,
}: {
  stack: Stack
  deployment: LocalDeployment
}): Promise<void> {
  const { db, close } = connect(stack.postgresUrl, { maxConnections: 2, applicationName: 'zkpow demo' })
  try {
    for (const rollup of deployment.rollups) {
      console.log(await stageTable(db, rollup))
      console.log(await transactionTable(db, rollup))
      console.log(await rewardTable(rollup))
      console.log(await balanceTable(db, rollup))
    }
  } finally {
    await close()
  }
}

async function stageTable(db: Db, { name }: LocalRollup): Promise<string> {
  const proofs = (
    await Promise.all((await listSequences(db, { rollup: name })).map((row) => listProofs(db, row)))
  ).flat()
  const rows = STAGES.flatMap((stage) => {
    const made = proofs.filter((proof) => proof.stage === stage)
    if (made.length === 0) return []
    const times = made.map((proof) => proof.durationMs)
    const provers = new Set(made.map((proof) => proof.prover)).size
    const range = `${formatDuration(Math.min(...times))} to ${formatDuration(Math.max(...times))}`
    return [
      [
        stage,
        `${made.length}`,
        range,
        formatBytes(Math.max(...made.map((proof) => proof.peakMemoryBytes))),
        `${provers}`,
      ],
    ]
  })
  return formatTable(['stage', 'proofs', 'time of one', 'peak memory', 'provers'], rows)
}

async function transactionTable(db: Db, { name }: LocalRollup): Promise<string> {
  const sequences = (await listSequences(db, { rollup: name })).sort((a, b) => a.from - b.from)
  const attempts = (await Promise.all(sequences.map((row) => listSequenceAttempts(db, row)))).flat()
  const rows = attempts.flatMap(({ inclusion, purpose, txHash }) => {
    if (inclusion === null || purpose === null || purpose.step === 'stake') return []
    const { minedBlock, gasUsed, effectiveGasPrice, status } = inclusion
    const price = effectiveGasPrice === null ? '-' : `${formatGwei(effectiveGasPrice)} gwei`
    return [[formatRange(purpose), purpose.step, `${minedBlock}`, status, `${gasUsed ?? '-'}`, price, txHash]]
  })
  return formatTable(['batches', 'transaction', 'block', 'status', 'gas', 'price', 'hash'], rows)
}

async function rewardTable(rollup: LocalRollup): Promise<string> {
  const { publicClient, walletClient } = rollup.miner
  const logs = await publicClient.getLogs({ address: rollup.rollup, fromBlock: rollup.deploymentBlock })
  const settled = parseEventLogs({ abi: rollupAbi, logs, eventName: 'CommitmentSettled' })
  const rows = settled.map(({ args }) => [
    `${args.finalNewBatch}`,
    args.miner,
    formatEther(args.reward),
    formatEther(args.penalty),
  ])
  const left = await publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'claimable',
    args: [walletClient.account.address],
  })
  return `${formatTable(['up to batch', 'miner', 'reward', 'penalty'], rows)}Left to claim: ${formatEther(left)}\n`
}

/** Tells balances before and after, the latter from the state whose root the contract has verified. */
async function balanceTable(db: Db, rollup: LocalRollup): Promise<string> {
  const { publicClient } = rollup.miner
  const contract = { address: rollup.rollup as Address, abi: rollupAbi } as const
  const verified = await publicClient.readContract({ ...contract, functionName: 'lastVerifiedBatch' })
  const sequenced = await publicClient.readContract({ ...contract, functionName: 'lastBatchSequenced' })
  if (verified !== sequenced)
    throw new DemoFailedError(
      `The contract has verified up to batch ${verified}, but batches up to ${sequenced} are posted.`,
    )
  const root = await publicClient.readContract({ ...contract, functionName: 'batchNumToStateRoot', args: [verified] })
  const [accInputHash] = await publicClient.readContract({
    ...contract,
    functionName: 'sequencedBatches',
    args: [verified],
  })
  const state = await findNewestSnapshot(db, { rollup: rollup.name, accInputHashes: [accInputHash] })
  if (state?.stateRoot !== root)
    throw new DemoFailedError(
      `Our state after batch ${verified} is not the one whose root ${root} the contract has verified.`,
    )
  const tree = fromSnapshot(state.snapshot)
  const before = genesisAccounts()
  const rows = USERS.map(({ name, index }) => {
    const account = accountAt(tree, index)
    return [name, `${before[index]?.balance}`, `${account?.balance}`, `${account?.nonce}`]
  })
  return `${formatTable(['account', 'at genesis', `after batch ${verified}`, 'transfers sent'], rows)}State root verified on chain: ${root}\n`
}
