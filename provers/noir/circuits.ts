import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { Statement } from '../../protocol/proof/statement.ts'

/** Public inputs of a batch or an aggregate as the circuits' ABI names them: 32-byte hex words. */
export type StatementFields = Readonly<Record<string, Hex>>

/**
 * What this backend is told of the circuits that it proves: they are their kind's own. Their entry points are
 * `batch(statement, …)`, `aggregate(left, right, statement)` and `final(child, miner, input_hash)`, and every statement
 * has a field `agg_key_hash`, because the aggregate circuit can't know its own key.
 */
export interface NoirCircuits {
  /** The fields of a statement, in the order of the public inputs. */
  readonly statementNames: readonly string[]
  /** @param aggregateKeyHash key hash of the aggregate circuit, which batch and aggregate carry along. */
  toFields(statement: Statement, aggregateKeyHash: Hex): StatementFields
  fromFields(fields: StatementFields): Statement
  /** Says what an aggregate of neighbours says. Whether they meet is for the circuit to say. */
  joinFields(left: StatementFields, right: StatementFields): StatementFields
  /** Gives the final proof's only public input. */
  finalPublicInput(final: { statement: Statement; miner: Address }): bigint
}
