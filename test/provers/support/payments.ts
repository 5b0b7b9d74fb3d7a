import { genesisOf } from '../../../kinds/payments/genesis.ts'
import { payments } from '../../../kinds/payments/kind.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { encodeBatchData } from '../../../kinds/payments/transfer.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { ExecutedBatch } from '../../../protocol/proof/rollup-kind.ts'

const IDS = { chainId: '1001', forkId: '7' }
const privateKeys = [1n, 2n].map((n): Hex => `0x${n.toString(16).padStart(64, '0')}`)

/**
 * Executes batches of the payments rollup from its genesis on, each with one signed transfer from account 0 to account
 * 1.
 */
export async function executedBatches(count: number): Promise<ExecutedBatch[]> {
  const accounts = privateKeys.map((key) => ({ ...accountKey(key), balance: 1_000n }))
  let before = payments.genesis(genesisOf(accounts))
  const executed: ExecutedBatch[] = []
  for (let nonce = 0; nonce < count; nonce++) {
    const batch = await payments.executeBatch(before, await postedBatch(BigInt(nonce)), IDS)
    executed.push(batch)
    before = batch.after
  }
  return executed
}

async function postedBatch(nonce: bigint) {
  const body = { from: 0, to: 1, amount: 10n, nonce }
  const transfer = await signTransfer({ privateKey: privateKeys[0] as Hex, chainId: BigInt(IDS.chainId), body })
  const globalExitRoot: Hex = `0x${'11'.repeat(32)}`
  return {
    transactions: encodeBatchData([transfer]),
    globalExitRoot,
    timestamp: 1_700_000_000n,
    coinbase: `0x${'22'.repeat(20)}` as Hex,
  }
}
