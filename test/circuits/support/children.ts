import { type StatementFields, toFields } from '../../../kinds/payments/statement-fields.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import type { Statement } from '../../../protocol/proof/statement.ts'

/** Key hash of the batch circuit as the sources of the checkout have it. */
export const BATCH_KEY_HASH = word(0n)
/** Stands for the key hash of the aggregate circuit. */
export const AGG_KEY_HASH = word(0xa66n)

/** Makes the statement of batch `number`, which continues that of the batch before it. */
export const statementOf = (number: number): Statement => ({
  oldStateRoot: word(BigInt(1000 + number)),
  newStateRoot: word(BigInt(1001 + number)),
  oldAccInputHash: word((BigInt(2000 + number) << 128n) + BigInt(3000 + number)),
  newAccInputHash: word((BigInt(2001 + number) << 128n) + BigInt(3001 + number)),
  oldBatchNum: number - 1,
  newBatchNum: number,
  chainId: '1001',
  forkId: '7',
})

/** Writes the statement as circuits have it. */
export const fieldsOf = (statement: Statement): StatementFields => toFields(statement, AGG_KEY_HASH)

/**
 * Makes a child whose proof is nothing: computing a witness doesn't verify it, so what fails is the circuit's own rule.
 */
export const childOf = (statement: StatementFields, keyHash = BATCH_KEY_HASH) => ({
  verification_key: Array.from({ length: 115 }, () => word(0n)),
  key_hash: keyHash,
  proof: Array.from({ length: 410 }, () => word(0n)),
  statement,
})
