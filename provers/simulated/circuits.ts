import type { Address } from '../../protocol/base/ranges.ts'
import type { Statement } from '../../protocol/proof/statement.ts'

/** What this backend is told of a kind's jobs. Both readers throw for bytes that are no such input. */
export interface SimulatedCircuits {
  /** Tells what a batch's input is about. */
  batchStatement(input: Uint8Array): Statement
  /** Tells for whom the input of a final proof asks for one. */
  finalMiner(input: Uint8Array): Address
  /** Gives the final proof's only public input. */
  finalPublicInput(final: { statement: Statement; miner: Address }): bigint
}
