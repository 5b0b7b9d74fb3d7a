import { bytesToHex, type HDAccount } from 'viem'
import { expect } from 'vitest'
import { rollupAbi } from '../../../contracts/abi.ts'
import { confirm } from '../../../contracts/tooling/deploy-contract.ts'
import type { Db } from '../../../db/connection/connect.ts'
import { listSequences } from '../../../db/decisions/sequences.ts'
import { findBatches } from '../../../db/proofs/batches.ts'
import { readBlob } from '../../../db/proofs/blobs.ts'
import { listFinalProofs } from '../../../db/proofs/proofs.ts'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import { accountClients } from '../../../dev/payments/deploy.ts'
import type { Stack } from '../../../dev/stack/stack.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../../kinds/payments/circuits.ts'
import { proofHash } from '../../../protocol/proof/public-input.ts'
import { eventually } from '../../support/eventually.ts'

/** Copies our proof of batch 1 for somebody who commits to it in time, and can't send it: it names us. */
export async function refuseCopiedProof(p: {
  stack: Stack
  db: Db
  rollup: LocalRollup
  copycat: HDAccount
}): Promise<void> {
  const { stack, db, rollup, copycat } = p
  const { publicClient, walletClient } = accountClients(stack.rpcUrl, copycat, stack.node.chainId)
  const miner = rollup.miner.walletClient.account.address
  const [final] = await listFinalProofs(db, { rollup: rollup.name, miner, fromBatch: 1 })
  const row = (await listSequences(db, { rollup: rollup.name })).find(({ to }) => to === 1)
  if (!final || !row) throw new Error('the final proof of batch 1 is stored')
  const proof = await readBlob(db, final.sha256)
  const [batch] = (await findBatches(db, { sequence: row, range: { from: 1, to: 1 } })) ?? []
  if (!batch) throw new Error('batch 1 is prepared')
  const contract = { address: rollup.rollup, abi: rollupAbi } as const
  const commit = [0n, 1n, proofHash(proof, copycat.address)] as const
  await confirm(
    publicClient,
    await walletClient.writeContract({ ...contract, functionName: 'submitProofHash', args: commit }),
  )
  const { startBlock, commitBlocks } = await publicClient.readContract({
    ...contract,
    functionName: 'getRound',
    args: [1n],
  })
  await eventually(
    'the proof window is open',
    async () => (await publicClient.getBlockNumber()) > startBlock + commitBlocks,
  )
  const send = [0n, 1n, EMPTY_LOCAL_EXIT_ROOT, batch.statement.newStateRoot, bytesToHex(proof)] as const
  const refused = publicClient.simulateContract({
    ...contract,
    functionName: 'verifyBatches',
    args: send,
    account: copycat,
  })
  await expect(refused).rejects.toThrow('InvalidProof')
}
