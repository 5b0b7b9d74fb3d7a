import { Client, Connection } from '@temporalio/client'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { Db } from '../../../db/connection/connect.ts'
import { listSequences, type SequenceRow } from '../../../db/decisions/sequences.ts'
import type { LocalDeployment, LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { PostedSequence } from '../../../dev/payments/sequencer.ts'
import type { Stack } from '../../../dev/stack/stack.ts'
import { rollupWorkflowId } from '../../../protocol/temporal/ids.ts'
import { linesQuery } from '../../../protocol/temporal/messages.ts'
import { zkpow } from '../zkpow.ts'

// These can be seen of a sequence from outside: by commands, in Temporal, in the database and on chain.

/** Tells the phase as `zkpow sequence` shows it. */
export async function phaseOf(settings: LocalDeployment['settings'], id: string): Promise<string> {
  const { stdout } = await zkpow(settings, 'sequence', id, '--json')
  return JSON.parse(stdout).sequences[0]?.phase
}

/**
 * Reads a rollup's lines. There are none while its aggregator starts, or is too busy to answer: whoever waits for them
 * asks again.
 */
export async function linesOf(stack: Stack, rollup: string): Promise<string[]> {
  const connection = await Connection.connect({ address: stack.temporalAddress })
  const handle = new Client({ connection }).workflow.getHandle(rollupWorkflowId(rollup))
  const lines = await handle.query(linesQuery).catch(() => [])
  await connection.close()
  return lines
}

/** Counts how many sequences are being proved. */
export async function activeProofs(db: Db): Promise<number> {
  const [row] = await db.execute<{ count: number }>(
    `select count(*)::int as count from zkpow.sequences where phase = 'proving'`,
  )
  return row?.count ?? 0
}

export async function rowOf(db: Db, rollup: LocalRollup, sequence: PostedSequence): Promise<SequenceRow | undefined> {
  return (await listSequences(db, { rollup: rollup.name })).find((row) => row.to === sequence.to)
}

/** Reads what the contract knows of our hash of the sequence that ends with a batch. */
export const commitmentOf = (rollup: LocalRollup, to: number) =>
  rollup.miner.publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'getCommitment',
    args: [BigInt(to), rollup.miner.walletClient.account.address],
  })

export const verifiedBatch = (rollup: LocalRollup) =>
  rollup.miner.publicClient.readContract({ address: rollup.rollup, abi: rollupAbi, functionName: 'lastVerifiedBatch' })
