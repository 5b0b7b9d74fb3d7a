import { zeroHash } from 'viem'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import { twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'

/** What a contract has after the last batch of a sequence that is verified. */
export interface BatchEnd {
  stateRoot: Hex
  accInputHash: Hex
}

/** Reads it; null where the batch isn't the last one of a sequence, or isn't verified. */
export function readBatchEnd(
  endpoints: Endpoints,
  { contract, batchNum, at }: { contract: Address; batchNum: number; at: BlockRef },
): Promise<BatchEnd | null> {
  return endpoints.agreeAt(at, `the state after batch ${batchNum}`, async (client, pin) => {
    const of = { ...pin, address: contract, abi: twoStepAbi } as const
    const args = [BigInt(batchNum)] as const
    const [[accInputHash], stateRoot, lastVerified] = await Promise.all([
      client.readContract({ ...of, functionName: 'sequencedBatches', args }),
      client.readContract({ ...of, functionName: 'batchNumToStateRoot', args }),
      client.readContract({ ...of, functionName: 'lastVerifiedBatch' }),
    ])
    const isEnd = accInputHash !== zeroHash && stateRoot !== zeroHash
    return isEnd && lastVerified >= BigInt(batchNum) ? { stateRoot, accInputHash } : null
  })
}
