import type { Chain } from '../../chain/create-chain.ts'
import type { MinerAccount } from '../../chain/transactions/account.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import type { SenderView } from '../../protocol/sender/view.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { UnknownRollupError, UnknownSenderError } from '../errors.ts'

/** An account that this aggregator signs for on one chain. */
export interface SenderAccount {
  chainId: number
  chain: Chain
  account: MinerAccount
  limits: SenderView['limits']
}

export interface SenderDeps extends ProvingDeps {
  senders: SenderAccount[]
}

/** @throws UnknownSenderError */
export function senderOf({ senders }: SenderDeps, chainId: number, account: string): SenderAccount {
  const sender = senders.find((one) => one.chainId === chainId && isSameAddress(one.account.address, account))
  if (sender === undefined) throw new UnknownSenderError(chainId, account)
  return sender
}

/** Finds the rollup, if the configuration (still) has it, and (still) gives it to this account. */
export function servedRollup(
  { rollupOf }: ProvingDeps,
  sender: SenderAccount,
  name: string,
): RollupContext | undefined {
  try {
    const rollup = rollupOf(name)
    const isSame = rollup.chainId === sender.chainId && isSameAddress(rollup.miner, sender.account.address)
    return isSame ? rollup : undefined
  } catch (error) {
    if (error instanceof UnknownRollupError) return undefined
    throw error
  }
}
