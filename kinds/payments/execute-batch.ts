import type { Hex } from '../../protocol/base/ranges.ts'
import type { DeploymentIds, PostedBatch } from '../../protocol/proof/rollup-kind.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import { chainAccInputHash } from '../sequence-of-2023.ts'
import { type AccountTree, stateRoot } from './account-tree.ts'
import { executeTransfer, type SlotStatus, type SlotWitness } from './execute-transfer.ts'
import { splitBatchData } from './transfer.ts'

/** A state between two batches. */
export interface State {
  batchNum: number
  accInputHash: Hex
  tree: AccountTree
}

/** A batch and what it did. */
export interface BatchExecution {
  statement: Statement
  /** One for each slot, in the order posted. */
  statuses: SlotStatus[]
  slots: SlotWitness[]
  after: State
}

/**
 * Executes a batch's posted data on a state.
 * @throws BatchLengthError when the data hasn't the kind's length; no other data is refused.
 */
export function executeBatch(before: State, batch: PostedBatch, ids: DeploymentIds): BatchExecution {
  let { tree } = before
  const executed = splitBatchData(batch.transactions).map((slot) => {
    const result = executeTransfer(tree, slot, BigInt(ids.chainId))
    tree = result.after
    return result
  })
  const after = { batchNum: before.batchNum + 1, accInputHash: chainAccInputHash(before.accInputHash, batch), tree }
  return {
    statement: {
      oldStateRoot: stateRoot(before.tree),
      newStateRoot: stateRoot(tree),
      oldAccInputHash: before.accInputHash,
      newAccInputHash: after.accInputHash,
      oldBatchNum: before.batchNum,
      newBatchNum: after.batchNum,
      ...ids,
    },
    statuses: executed.map(({ status }) => status),
    slots: executed.map(({ witness }) => witness),
    after,
  }
}
