import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { WouldRevertError } from '../../chain/errors.ts'
import { intentCalldata } from '../../chain/transactions/calls.ts'
import { callBytes } from '../../chain/trials/gas.ts'
import { readRehearsal } from '../../chain/trials/rehearsal.ts'
import { RetryableError } from '../../protocol/base/errors.ts'
import type { SequenceRef } from '../../protocol/base/ranges.ts'
import { firstProveBlock } from '../../protocol/base/windows.ts'
import { blockedCommit } from '../../protocol/sequence/commit-gate.ts'
import { liveRound } from '../../protocol/sequence/gate-windows.ts'
import { type ProofReference, proofReference, type SequenceView } from '../../protocol/sequence/view.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { finalStatement, findStatement, readFinalProof, readProofParts } from '../proof/final-proof.ts'

/**
 * Tries a new hash and its proof, so that none goes out whose proof couldn't. It does so only where nothing else is in
 * the hash's way.
 * @returns what came of it, with the funds that both would really ask for.
 */
export async function rehearse(
  deps: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  view: SequenceView,
): Promise<Pick<SequenceView, 'rehearsal' | 'funds'>> {
  const { head, finalProof, funds } = view
  const block = head.number + 1
  // How much they take, and so ask for, is what is to be found out.
  if (finalProof === null || blockedCommit({ ...view, funds: { ...funds, reserveWei: '0' } }, block) !== null)
    return { funds }
  const { chain, contract, miner, kind } = rollup
  const statement = kind.namesMiner ? await findStatement(deps, sequence) : undefined
  const proof = await readFinalProof(deps, finalProof.sha256)
  const round = liveRound(view, block) ?? { startBlock: block, ...view.nextRound }
  const rehearsal = await readRehearsal(chain, {
    ...{ miner, contract, range: sequence, at: head, proof, proofHash: finalProof.proofHash },
    final: statement === undefined ? null : finalStatement(rollup, statement),
    proveBlock: view.predecessors.length === 0 ? firstProveBlock(round) : null,
  })
  const { commitGas, proofGas } = rehearsal
  if (commitGas === null || proofGas === null) return { rehearsal, funds }
  const [hash, itsProof] = [
    chain.feesWei({ gas: BigInt(commitGas), bytes: callBytes('commit') }),
    chain.feesWei({ gas: BigInt(proofGas), bytes: callBytes('prove', finalProof.size) }),
  ]
  return { rehearsal, funds: { ...funds, reserveWei: `${hash + itsProof}` } }
}

/**
 * Says why the contract refuses a proof of ours in the block after `head`, for people; null for one that it takes, or
 * that can't be tried.
 */
export async function whyReverting(
  deps: ProvingDeps,
  { chain, contract, miner, kind }: RollupContext,
  sequence: SequenceRef,
  { proof, head }: { proof: ProofReference; head: BlockRef },
): Promise<string | null> {
  const statement = await findStatement(deps, sequence)
  if (statement === undefined) return null
  const intent = {
    ...{ ...sequence, contract, step: 'prove-late' as const },
    ...{ finalProof: proofReference(proof), firstBlock: 0, lastBlock: null },
  }
  const parts = await readProofParts(deps, { kind }, { sha256: proof.sha256, statement })
  const call = { to: contract, data: intentCalldata(intent, parts), valueWei: 0n }
  try {
    await chain.gasLimit({ from: miner, purpose: intent, call, before: [], at: head })
    return null
  } catch (error) {
    if (error instanceof WouldRevertError) return error.message
    if (error instanceof RetryableError) return null
    throw error
  }
}
