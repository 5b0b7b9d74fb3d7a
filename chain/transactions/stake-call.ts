import { encodeFunctionData } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { StakeMove } from '../../protocol/operator/stake.ts'
import { depositAbi } from '../abi.ts'

/** Calldata and coins of a deposit or a withdrawal. */
export function stakeCall({ kind, wei }: StakeMove): { data: Hex; valueWei: bigint } {
  if (kind === 'deposit') return { data: encodeFunctionData({ abi: depositAbi, functionName: 'deposit' }), valueWei: wei }
  return { data: encodeFunctionData({ abi: depositAbi, functionName: 'withdraw', args: [wei] }), valueWei: 0n }
}
