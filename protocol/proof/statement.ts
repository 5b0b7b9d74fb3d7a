import { FatalError } from '../base/errors.ts'
import type { BatchRange, Hex } from '../base/ranges.ts'

/**
 * What a batch or aggregate proof says: executing the posted data of batches `oldBatchNum`+1 to `newBatchNum` takes the
 * state from one root to the other. Ids are decimal strings, because they are 64 bits wide.
 */
export interface Statement {
  oldStateRoot: Hex
  newStateRoot: Hex
  oldAccInputHash: Hex
  newAccInputHash: Hex
  oldBatchNum: number
  newBatchNum: number
  /** The rollup contract's `chainID`, not the base chain's. */
  chainId: string
  forkId: string
}

export class StatementsNotAdjacentError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-PROOF-STATEMENTS-APART',
    happened: "Two proofs can't be joined: the right statement doesn't begin where the left one ends.",
    remedy: 'prepare the sequence anew: its data changed between two reads of the chain.',
  }
  override readonly name = 'StatementsNotAdjacentError'
}

/** Gives the batches that a statement is about. */
export const statementRange = (s: Statement): BatchRange => ({ from: s.oldBatchNum + 1, to: s.newBatchNum })

/**
 * Joins the statements of neighbours from left to right.
 * @throws StatementsNotAdjacentError when two don't meet in root, hash, batch number and ids, or when there is none.
 */
export function joinStatements(statements: readonly Statement[]): Statement {
  const [first, ...rest] = statements
  if (first === undefined) throw new StatementsNotAdjacentError('There is no statement to join.')
  return rest.reduce(joinTwo, first)
}

function joinTwo(left: Statement, right: Statement): Statement {
  const meet =
    left.newStateRoot === right.oldStateRoot &&
    left.newAccInputHash === right.oldAccInputHash &&
    left.newBatchNum === right.oldBatchNum &&
    left.chainId === right.chainId &&
    left.forkId === right.forkId
  if (!meet) {
    throw new StatementsNotAdjacentError(
      `The statement of batches ${left.oldBatchNum + 1}-${left.newBatchNum} doesn't meet that of ${right.oldBatchNum + 1}-${right.newBatchNum}.`,
    )
  }
  return {
    ...left,
    newStateRoot: right.newStateRoot,
    newAccInputHash: right.newAccInputHash,
    newBatchNum: right.newBatchNum,
  }
}
