import type { Address } from '../../protocol/base/ranges.ts'
import type { Statement } from '../../protocol/proof/statement.ts'

/** What this backend is told of a kind's jobs. Both readers throw for bytes that are no such input. */
export interface SimulatedCircuits {
  /** What a batch's input is about. */
  batchStatement(input: Uint8Array): Statement
  /** For whom the input of a final proof asks for one. */
  finalMiner(input: Uint8Array): Address
  /** The final proof's only public input. */
  finalPublicInput(final: { statement: Statement; miner: Address }): bigint
}
