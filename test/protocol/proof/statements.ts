import type { Hex } from '../../../protocol/base/ranges.ts'
import type { Statement } from '../../../protocol/proof/statement.ts'

/** Makes statements of batches 1, 2, … that meet. */
export function chainOf(count: number): Statement[] {
  const hex = (kind: string, n: number): Hex => `0x${kind}${n}`
  return Array.from({ length: count }, (_, i) => ({
    oldStateRoot: hex('a', i),
    newStateRoot: hex('a', i + 1),
    oldAccInputHash: hex('b', i),
    newAccInputHash: hex('b', i + 1),
    oldBatchNum: i,
    newBatchNum: i + 1,
    chainId: '1',
    forkId: '7',
  }))
}
