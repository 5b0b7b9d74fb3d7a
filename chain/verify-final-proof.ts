import { bytesToHex } from 'viem/utils'
import { type FinalStatement, inputSnark, inputSnarkBytes } from '../protocol/public-input.ts'
import type { Address } from '../protocol/sequence.ts'
import { twoStepAbi, verifierAbi } from './abi.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'
import { ContractRevertedError } from './errors.ts'

/**
 * Whether the contract would accept the proof: its view of the public input is ours, and its verifier says yes. Asked without a
 * transaction; the nodes that are asked see the proof, so it is only for proofs that name their miner.
 * A verifier that reverts has refused.
 * @param gas what the verifier may use: as much as the transaction will have, or a proof that it can't pay for would be committed to.
 */
export async function verifyFinalProof(
  endpoints: Endpoints,
  { contract, final, proof, at, gas }: { contract: Address; final: FinalStatement; proof: Uint8Array; at: BlockRef; gas: bigint },
): Promise<boolean> {
  const { miner, statement: s, newLocalExitRoot } = final
  const range = [BigInt(s.oldBatchNum), BigInt(s.newBatchNum)] as const
  try {
    return await endpoints.agreeAt(at, 'the verifier', async (client, pin) => {
      const from = { ...pin, account: miner, address: contract, abi: twoStepAbi } as const
      const [input, verifier] = await Promise.all([
        client.readContract({
          ...from,
          functionName: 'getInputSnarkBytes',
          args: [...range, newLocalExitRoot, s.oldStateRoot, s.newStateRoot],
        }),
        client.readContract({ ...from, functionName: 'rollupVerifier' }),
      ])
      if (input !== inputSnarkBytes(final)) return false
      const args = [bytesToHex(proof), [inputSnark(final)]] as const
      const ask = { ...pin, account: miner, gas, address: verifier, abi: verifierAbi } as const
      return client.readContract({ ...ask, functionName: 'verifyProof', args })
    })
  } catch (error) {
    if (error instanceof ContractRevertedError) return false
    throw error
  }
}
