import type { Address, Hex } from '../../protocol/base/ranges.ts'
import { inputSnark } from '../../protocol/proof/public-input.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import type { NoirCircuits } from '../../provers/noir/circuits.ts'
import type { SimulatedCircuits } from '../../provers/simulated/circuits.ts'
import { fromFields, joinFields, STATEMENT_NAMES, type StatementFields, toFields } from './statement-fields.ts'

/** Local exit root of a rollup that has no exits, as circuits/final fixes it. */
export const EMPTY_LOCAL_EXIT_ROOT: Hex = `0x${'00'.repeat(32)}`

/** The circuits of circuits/, as backends are told of them. */
export const paymentsCircuits: NoirCircuits & SimulatedCircuits = {
  statementNames: STATEMENT_NAMES,
  toFields,
  fromFields,
  joinFields,
  finalPublicInput: ({ statement, miner }) =>
    // The letters' case is a checksum for people, which encoders insist on.
    inputSnark({ miner: miner.toLowerCase() as Address, statement, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT }),
  batchStatement: (input): Statement => fromFields(parseJson<{ statement: StatementFields }>(input).statement),
  finalMiner: (input) => parseJson<{ miner: Address }>(input).miner,
}

const parseJson = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes))
