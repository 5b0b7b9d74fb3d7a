import { expect } from 'vitest'

import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'

import type { LocalRollup } from '../../dev/deployment/local-deployment.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import { contractOf } from '../chaos/contracts/index.ts'

/** Expects that of each sequence exactly one proof was accepted, ours was rewarded, and nobody was penalised. */
export async function expectAcceptedOnce(rollup: LocalRollup, posted: readonly PostedSequence[]): Promise<void> {
  const { accepted, settled, fines } = await contractOf(rollup).readFacts(rollup.miner.publicClient, rollup)
  expect(accepted.map(({ to }) => to)).toEqual(posted.map(({ to }) => to))
  expect(settled.map(({ penaltyWei }) => penaltyWei)).toEqual(posted.map(() => 0n))
  expect(settled.every(({ rewardWei }) => rewardWei > 0n)).toBe(true)
  expect(fines).toEqual([])
}

/**
 * Expects that every nonce of the miner is that of a transaction of ours, without a gap, and that none of them failed.
 */
export async function expectOwnNonces(db: Db, rollup: LocalRollup, posted: readonly PostedSequence[]): Promise<void> {
  const { publicClient, walletClient } = rollup.miner
  const nonce = await publicClient.getTransactionCount({ address: walletClient.account.address })
  const keys = posted.map(({ from, to }) => ({ rollup: rollup.name, from, to }))
  const attempts = (await Promise.all(keys.map((key) => listSequenceAttempts(db, key)))).flat()
  const mined = attempts.filter((attempt) => attempt.inclusion !== null)
  // The stake was sent before the sender owned the nonce.
  expect(mined.map((attempt) => attempt.nonce).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: nonce - 1 }, (_, i) => 1 + i),
  )
  expect(mined.every((attempt) => attempt.inclusion?.status === 'success')).toBe(true)
}
