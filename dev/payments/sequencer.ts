import { type Address, type Hex, zeroHash } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import { confirm } from '../../contracts/tooling/deploy-contract.ts'
import { signTransfer } from '../../kinds/payments/sign-transfer.ts'
import { encodeBatchData, SLOTS } from '../../kinds/payments/transfer.ts'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import type { AccountClients } from './deploy.ts'
import { USERS, type User } from './users.ts'

/** A posted sequence. */
export interface PostedSequence extends BatchRange {
  txHash: Hex
  /** Signed transfers in it. */
  transfers: number
}

/** The trusted sequencer of the development rollup: posts sequences of real signed transfers. */
export interface Sequencer {
  /** The account that posts. */
  readonly address: Address
  /** @param timestampSec of the batches. @default that of the head */
  post(batches: number, timestampSec?: bigint): Promise<PostedSequence>
}

/** @param rollupChainId the rollup contract's `chainID`, which every transfer signs. */
export function createSequencer(clients: AccountClients, p: { rollup: Address; rollupChainId: bigint }): Sequencer {
  const nonces = new Map<string, bigint>()
  let round = 0

  async function signedTransfer(from: User): Promise<Hex> {
    const to = USERS[(from.index + 1 + (round % (USERS.length - 1))) % USERS.length] ?? from
    const nonce = nonces.get(from.name) ?? 0n
    nonces.set(from.name, nonce + 1n)
    const body = { from: from.index, to: to.index, amount: BigInt(1_000 * (from.index + 1) + round), nonce }
    return signTransfer({ privateKey: from.privateKey, chainId: p.rollupChainId, body })
  }

  async function batch(timestamp: bigint) {
    round += 1
    const transfers = await Promise.all(USERS.slice(0, SLOTS).map(signedTransfer))
    return { transactions: encodeBatchData(transfers), globalExitRoot: zeroHash, timestamp, minForcedTimestamp: 0n }
  }

  return {
    address: clients.walletClient.account.address,
    async post(batches, timestampSec) {
      const { publicClient, walletClient } = clients
      const timestamp = timestampSec ?? (await publicClient.getBlock()).timestamp
      const posted = []
      for (let i = 0; i < batches; i++) posted.push(await batch(timestamp))
      const args = [posted, walletClient.account.address] as const
      const txHash = await walletClient.writeContract({
        address: p.rollup,
        abi: rollupAbi,
        functionName: 'sequenceBatches',
        args,
      })
      const { blockNumber } = await confirm(publicClient, txHash)
      const to = Number(
        await publicClient.readContract({
          address: p.rollup,
          abi: rollupAbi,
          functionName: 'lastBatchSequenced',
          blockNumber,
        }),
      )
      return { from: to - batches + 1, to, txHash, transfers: batches * SLOTS }
    },
  }
}
