import { toFields } from '../../../kinds/payments/statement-fields.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { ProofJob } from '../../../protocol/proof/prover.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import type { Statement } from '../../../protocol/proof/statement.ts'

/** Makes the statement of batch `index` + 1 of the tiny circuits, whose root moves by one. */
export const statementOf = (index: number): Statement => ({
  oldStateRoot: word(BigInt(100 + index)),
  newStateRoot: word(BigInt(101 + index)),
  oldAccInputHash: accHash(index),
  newAccInputHash: accHash(index + 1),
  oldBatchNum: index,
  newBatchNum: index + 1,
  chainId: '18446744073709551615',
  forkId: '7',
})

/** Makes a job that proves that statement. With a step other than 1 it is false. */
export const batchJob = (index: number, step = 1): ProofJob => ({
  stage: 'batch',
  input: jsonBytes({ statement: toFields(statementOf(index), word(0n)), step: word(BigInt(step)) }),
  children: [],
})

export const jsonBytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Makes a hash of which both limbs are larger than what a 64-bit number holds. */
const accHash = (index: number): Hex => word((1n << 255n) + (1n << 127n) + BigInt(index))
