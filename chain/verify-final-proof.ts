import { zeroHash } from 'viem'
import { bytesToHex } from 'viem/utils'
import { type FinalStatement, inputSnark, inputSnarkBytes } from '../protocol/public-input.ts'
import type { Address } from '../protocol/sequence.ts'
import type { ProofRefusal } from '../protocol/sequence-view.ts'
import { twoStepAbi, verifierAbi } from './abi.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'
import { ContractRevertedError } from './errors.ts'

/**
 * Why the contract would refuse the proof, or fine it (2023); null when it would accept it: it starts from the state root that the
 * contract has, its public input is made as ours, and its verifier says yes. Asked without a transaction; the nodes that are asked see
 * the proof, so it is only for proofs that name their miner. A verifier that reverts has refused.
 * The contract knows no root after a batch that isn't verified yet; then ours is taken.
 * @param gas what the verifier may use: no more than a transaction may have, or a proof that it can't pay for would be committed to.
 */
export async function findRefusal(
  endpoints: Endpoints,
  { contract, final, proof, at, gas }: { contract: Address; final: FinalStatement; proof: Uint8Array; at: BlockRef; gas: bigint },
): Promise<ProofRefusal | null> {
  const { miner, statement: s, newLocalExitRoot } = final
  const range = [BigInt(s.oldBatchNum), BigInt(s.newBatchNum)] as const
  try {
    return await endpoints.agreeAt(at, 'the verifier', async (client, pin) => {
      const from = { ...pin, account: miner, address: contract, abi: twoStepAbi } as const
      const [input, verifier, root] = await Promise.all([
        client.readContract({
          ...from,
          functionName: 'getInputSnarkBytes',
          args: [...range, newLocalExitRoot, s.oldStateRoot, s.newStateRoot],
        }),
        client.readContract({ ...from, functionName: 'rollupVerifier' }),
        client.readContract({ ...from, functionName: 'batchNumToStateRoot', args: [range[0]] }),
      ])
      if (root !== zeroHash && root !== s.oldStateRoot) {
        return { kind: 'other-root' as const, batch: s.oldBatchNum, ours: s.oldStateRoot, contracts: root }
      }
      if (input !== inputSnarkBytes(final)) return { kind: 'other-input' as const }
      const args = [bytesToHex(proof), [inputSnark(final)]] as const
      const ask = { ...pin, account: miner, gas, address: verifier, abi: verifierAbi } as const
      return (await client.readContract({ ...ask, functionName: 'verifyProof', args })) ? null : { kind: 'verifier' as const }
    })
  } catch (error) {
    if (error instanceof ContractRevertedError) return { kind: 'verifier' }
    throw error
  }
}
