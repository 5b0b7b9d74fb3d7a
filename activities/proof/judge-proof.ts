import type { SequenceRef } from '../../protocol/base/ranges.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../protocol/proof/public-input.ts'
import type { StoredFinalProof } from '../../protocol/sequence/view.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { findStatement, type KeptFinalProof, readFinalProof } from './final-proof.ts'

/** Asks the contract's own verifier, where asking gives nothing away: the proof names its miner. */
export async function judgeProof<Kept extends Pick<KeptFinalProof, 'sha256'>>(
  deps: ProvingDeps,
  { kind, chain, contract, miner }: RollupContext,
  sequence: SequenceRef,
  kept: Kept,
): Promise<Kept & Pick<StoredFinalProof, 'isAcceptedByContract' | 'refusal'>> {
  const statement = kind.namesMiner ? await findStatement(deps, sequence) : undefined
  if (statement === undefined) return { ...kept, isAcceptedByContract: null }
  const final = { miner, statement, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT }
  const refusal = await chain.findRefusal({ contract, final, proof: await readFinalProof(deps, kept.sha256) })
  return { ...kept, isAcceptedByContract: refusal === null, ...(refusal && { refusal }) }
}
