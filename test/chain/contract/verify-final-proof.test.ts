import { hexToBytes as bytes, type Hex, numberToHex, zeroHash } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProofJudge } from '../../../chain/contract/verify-final-proof.ts'
import { createChain } from '../../../chain/create-chain.ts'
import type { Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { DEFAULT_MOST_GAS } from '../../../chain/trials/gas.ts'
import { type FinalStatement, inputSnark, inputSnarkBytes } from '../../../protocol/proof/public-input.ts'
import { rootOf } from '../../contracts/harness.ts'
import { finalOf, proofOf } from '../../contracts/sequences.ts'
import { harness, miner, options, ours, proxy, rival, second, useReads, verifyFirst } from './reads-scene.ts'

useReads()

beforeAll(verifyFirst)

describe("the contract's own verifier", () => {
  test('accepts what it would accept from this miner, and nothing else', async () => {
    const final = finalOf(second, miner())
    const proof = bytes(proofOf(second, miner()))
    const verify = (p: { final?: FinalStatement; proof?: Uint8Array }) =>
      ours.findRefusal({ contract: harness.rollup, final, proof, ...p })
    expect(await verify({})).toBeNull()
    expect(await verify({ proof: bytes(proofOf(second, rival())) })).toEqual({ kind: 'verifier' })
    expect(await verify({ final: { ...final, miner: rival() } })).toEqual({ kind: 'verifier' })
    // The verifier would say yes to this: only the comparison with the contract's own view of the input refuses it.
    const other = { ...final, statement: { ...final.statement, chainId: '5' } }
    expect(await verify({ final: other, proof: bytes(simulatedProof(other)) })).toEqual({ kind: 'other-input' })
    // The verifier would say yes to this, too, with the contract's own view of the input made of our root. Only the
    // comparison of roots refuses it.
    const strange = { ...final, statement: { ...final.statement, oldStateRoot: rootOf(77) } }
    const batch = strange.statement.oldBatchNum
    expect(await verify({ final: strange, proof: bytes(simulatedProof(strange)) })).toEqual({
      ...{ kind: 'other-root', batch, ours: rootOf(77), contracts: final.statement.oldStateRoot },
    })
  })

  test('is asked with the gas that the transaction will have: what runs out of it there would run out of it here', async () => {
    const proof = bytes(proofOf(second, miner()))
    const askedFrom = proxy.calls.length
    expect(
      await createChain(options(proxy.url)).findRefusal({
        contract: harness.rollup,
        final: finalOf(second, miner()),
        proof,
      }),
    ).toBeNull()
    const gas = proxy.calls
      .slice(askedFrom)
      .flatMap(({ params }) => (params[0] as { gas?: Hex } | undefined)?.gas ?? [])
    expect(gas.map(BigInt)).toEqual([DEFAULT_MOST_GAS])
  })
})

test('the verifier is asked once about each of so many proofs that all are looked at again before the first one is', async () => {
  const asked = { verifier: 0, contract: 0 }
  let input: Hex = '0x'
  const answers = async (_block: unknown, what: string) => {
    const isVerdict = what === 'the verifier'
    asked[isVerdict ? 'verifier' : 'contract'] += 1
    return isVerdict ? true : { input, verifier: harness.rollup, root: zeroHash }
  }
  const judge = createProofJudge({ agreeAt: answers } as unknown as Endpoints)
  const finals = Array.from({ length: 1_100 }, (_, i) => {
    const final = finalOf(second, miner())
    return { ...final, statement: { ...final.statement, newStateRoot: rootOf(i + 1) } }
  })
  for (let number = 1; number <= 2; number += 1) {
    const at = { number, hash: rootOf(number) }
    for (const final of [...finals, ...finals]) {
      input = inputSnarkBytes(final)
      expect(await judge({ contract: harness.rollup, final, proof: Uint8Array.of(1), at, gas: 1n })).toBeNull()
    }
  }
  expect(asked).toEqual({ verifier: 1_100, contract: 2_200 })
})

/** Makes what the simulated verifier takes: the public input, and anything after it. */
const simulatedProof = (final: FinalStatement) => numberToHex(inputSnark(final), { size: 32 })
