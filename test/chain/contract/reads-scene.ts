import { foundry } from 'viem/chains'
import { afterAll, beforeAll } from 'vitest'
import { twoStepAbi } from '../../../chain/abi.ts'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { Harness } from '../../contracts/harness.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

export let harness: Harness
/** Before the same node: tells what it is asked. */
export let proxy: RpcProxy
export let ours: Chain
export let first: TestSequence
export let second: TestSequence
export const miner = () => harness.account(4)
export const rival = () => harness.account(5)

/**
 * Makes a contract with two posted sequences, of batches 1-2 and 3-5, and two miners with stakes, for all tests of a
 * file.
 */
export function useReads(): void {
  beforeAll(async () => {
    harness = await Harness.start()
    proxy = await startRpcProxy(harness.anvil.url)
    ours = createChain(options(harness.anvil.url))
    first = nextSequence(undefined, 2)
    second = nextSequence(first, 3)
    await harness.mine(30) // the search for the sequencing block then has something to halve
    await harness.send(sequencing(harness.sequencer, first))
    await harness.mine(5)
    await harness.send(sequencing(harness.sequencer, second))
    for (const one of [miner(), rival()]) await harness.send(staking(one, 5_000n))
  })

  afterAll(async () => {
    await proxy?.close()
    await harness?.anvil.stop()
  })
}

/** Has the miner commit to batches 1-2 and prove them. */
export async function verifyFirst(): Promise<void> {
  await harness.send(committing(miner(), first))
  await harness.mineTo((await harness.head()) + 3)
  await harness.send(proving(miner(), first))
}

export function options(url: string) {
  return { chainId: foundry.id, rpcUrls: [url], finality: { confirmations: 1 }, maxFeePerGasWei: 10n ** 9n }
}

export function question(range: { from: number; to: number }) {
  return { contract: harness.rollup, range, miner: miner(), finalProofBytes: 1_000 }
}

export function rangeOf(sequence: TestSequence) {
  return { from: sequence.init + 1, to: sequence.final }
}

export async function sequencingHash(sequence: TestSequence) {
  const logs = await harness.client.getContractEvents({
    ...{ address: harness.rollup, abi: twoStepAbi, eventName: 'SequenceBatches', fromBlock: 0n },
    args: { numBatch: BigInt(sequence.final) },
  })
  const hash = logs.at(-1)?.transactionHash
  if (!hash) throw new Error('not sequenced')
  return hash
}
