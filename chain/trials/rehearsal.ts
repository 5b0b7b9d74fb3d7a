import type { Rehearsal } from '../../protocol/sequence/view.ts'
import type { Chain } from '../create-chain.ts'
import type { AskedPair } from './try-pair.ts'

/** Tries a hash and its proof without sending them, with all that decides whether nodes would take both. */
export async function readRehearsal(chain: Chain, asked: AskedPair): Promise<Rehearsal> {
  const [{ commitGas, proofGas, reverts }, mostGas, { baseFeePerGas }] = await Promise.all([
    chain.tryPair(asked),
    chain.mostGas(asked.at),
    chain.readFeeMarket(asked.at),
  ])
  const feeCapWei = chain.feeCapWei((proofGas ?? 0n) * baseFeePerGas)
  return {
    ...{ commitGas: textOf(commitGas), proofGas: textOf(proofGas), reverts, mostGas: `${mostGas}` },
    ...{
      feeCapWei: textOf(feeCapWei ?? null),
      baseFeePerGas: `${baseFeePerGas}`,
      mostBytes: chain.maxTransactionBytes,
    },
  }
}

const textOf = (amount: bigint | null): string | null => (amount === null ? null : `${amount}`)
