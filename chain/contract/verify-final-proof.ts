import { zeroHash } from 'viem'
import { bytesToHex, keccak256 } from 'viem/utils'
import type { Address } from '../../protocol/base/ranges.ts'
import { type FinalStatement, inputSnark, inputSnarkBytes } from '../../protocol/proof/public-input.ts'
import type { ProofRefusal } from '../../protocol/sequence/view.ts'
import { twoStepAbi, verifierAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { createBlockMemo, createMemo } from '../endpoints/memo.ts'
import { ContractRevertedError } from '../errors.ts'

/** A verifier may stand behind a proxy that is given other code, so it is asked again after so many blocks. */
const REMEMBERED_BLOCKS = 16

/** Verdicts that are remembered: of more open sequences than an aggregator has. Each is a few hundred bytes. */
const REMEMBERED_VERDICTS = 20_000

/** What a transaction may have follows the blocks' limit, which moves a little from block to block. */
const GAS_STEP = 1_000_000n

/** A proof, what it is to show, and which state of the contract judges it. */
interface ProofQuestion {
  contract: Address
  final: FinalStatement
  proof: Uint8Array
  at: BlockRef
  /**
   * What the verifier may use: no more than a transaction may have, or a proof that it can't pay for would be committed
   * to.
   */
  gas: bigint
}

/**
 * Tells why the contract would refuse the proof, or fine it (2023); null when it would accept it: it starts from the
 * state root that the contract has, its public input is made as ours, and its verifier says yes. It asks without a
 * transaction; the nodes see the proof, so it is only for proofs that name their miner. A verifier that reverts has
 * refused. The contract knows no root after a batch that isn't verified yet; then ours is taken. What the contract says
 * is read each time; its verifier is asked once for the same bytes and the same input, for a while.
 */
export function createProofJudge(endpoints: Endpoints): (p: ProofQuestion) => Promise<ProofRefusal | null> {
  const verdicts = createMemo<boolean>(REMEMBERED_VERDICTS)
  const readings = createBlockMemo<Awaited<ReturnType<typeof readAsked>>>()
  return async ({ contract, final, proof, at, gas }) => {
    const { statement: s } = final
    const reading = `${final.miner} ${keccak256(inputSnarkBytes(final))}`
    const asked = await readings({ contract, at }, reading, () => readAsked(endpoints, { contract, final, at })).catch(
      undefinedIfReverted,
    )
    if (asked === undefined) return { kind: 'verifier' }
    const { input, verifier, root } = asked
    if (root !== zeroHash && root !== s.oldStateRoot) {
      return { kind: 'other-root', batch: s.oldBatchNum, ours: s.oldStateRoot, contracts: root }
    }
    if (input !== inputSnarkBytes(final)) return { kind: 'other-input' }
    const stretch = Math.floor(at.number / REMEMBERED_BLOCKS)
    const key = [verifier, keccak256(input), keccak256(proof), gas / GAS_STEP, final.miner, stretch].join(' ')
    const isAccepted = await verdicts(key, () => askVerifier(endpoints, { verifier, final, proof, at, gas }))
    return isAccepted ? null : { kind: 'verifier' }
  }
}

/** Reads what the contract makes of the statement, by the state after block `at`. */
function readAsked(endpoints: Endpoints, { contract, final, at }: Pick<ProofQuestion, 'contract' | 'final' | 'at'>) {
  const { miner, statement: s, newLocalExitRoot } = final
  const range = [BigInt(s.oldBatchNum), BigInt(s.newBatchNum)] as const
  return endpoints.agreeAt(at, "the proof's public input", async (client, pin) => {
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
    return { input, verifier, root }
  })
}

async function askVerifier(
  endpoints: Endpoints,
  { verifier, final, proof, at, gas }: Omit<ProofQuestion, 'contract'> & { verifier: Address },
): Promise<boolean> {
  const args = [bytesToHex(proof), [inputSnark(final)]] as const
  const says = endpoints.agreeAt(at, 'the verifier', (client, pin) =>
    client.readContract({
      ...{ ...pin, account: final.miner, gas, address: verifier, abi: verifierAbi },
      ...{ functionName: 'verifyProof', args },
    }),
  )
  return (await says.catch(undefinedIfReverted)) ?? false
}

function undefinedIfReverted(error: unknown): undefined {
  if (!(error instanceof ContractRevertedError)) throw error
}
