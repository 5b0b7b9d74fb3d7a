import { setTimeout as delay } from 'node:timers/promises'
import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type Transport,
  type WalletClient,
} from 'viem'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Artifact, Artifacts } from './compile.ts'

/** Clients of one base chain; the wallet's account pays and deploys. */
export type DeployClients = { publicClient: PublicClient; walletClient: WalletClient<Transport, Chain, Account> }

/** Addresses of deployed libraries by name. */
export type LinkedLibraries = Record<string, Address>

export class DeploymentError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONTRACTS-DEPLOYMENT',
    happened: "A contract can't be deployed as asked, or the transaction that does it failed.",
    remedy: "look at the transaction with a tracer of the chain's node.",
  }
  override readonly name = 'DeploymentError'
}

/** Finds the compiled contract of that name. It throws `DeploymentError` if there is none. */
export function findArtifact(artifacts: Artifacts, name: string): Artifact {
  const artifact = artifacts[name]
  if (artifact !== undefined) return artifact
  throw new DeploymentError(`There is no contract "${name}" among the compiled ones.`, {
    remedy: 'compile it together with contracts/.',
  })
}

/** Deploys one contract and waits for it. It returns its address and the block it is in. */
export async function deployContract(
  { publicClient, walletClient }: DeployClients,
  artifact: Artifact,
  p: { args?: readonly unknown[]; libraries?: LinkedLibraries } = {},
): Promise<{ address: Address; blockNumber: bigint }> {
  const bytecode = linkLibraries(artifact, p.libraries ?? {})
  const hash = await walletClient.deployContract({ abi: artifact.abi, bytecode, args: p.args ?? [] })
  const receipt = await confirm(publicClient, hash)
  if (!receipt.contractAddress) throw new DeploymentError(`Transaction ${hash} created no contract.`)
  return { address: receipt.contractAddress, blockNumber: receipt.blockNumber }
}

/** How long a transaction of a deployment is waited for, ms, and between two looks for its receipt. */
const MOST_MS = 180_000
const LOOK_AGAIN_MS = 100

/**
 * Waits for a transaction of a deployment.
 * @throws DeploymentError if it reverted, or has no receipt in three minutes.
 */
export async function confirm(publicClient: PublicClient, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await untilMined(publicClient, hash)
  if (receipt.status === 'success') return receipt
  throw new DeploymentError(`Transaction ${hash} of the deployment reverted.`, {
    remedy: "look at it with a tracer of the chain's node.",
  })
}

/**
 * Waits until it is mined. viem's own wait asks once a block, so where a node has the block a moment before its
 * receipts, and the next block waits for a transaction, it never ends (findings/viem-receipt-without-next-block.sh).
 */
async function untilMined(publicClient: PublicClient, hash: Hex): Promise<TransactionReceipt> {
  const endsAt = performance.now() + MOST_MS
  for (;;) {
    const receipt = await publicClient.getTransactionReceipt({ hash }).catch((error: unknown) => {
      if (error instanceof TransactionReceiptNotFoundError || isIndexing(error)) return null
      throw error
    })
    if (receipt !== null) return receipt
    if (performance.now() > endsAt)
      throw new DeploymentError(`Transaction ${hash} of the deployment has no receipt after ${MOST_MS / 1_000} s.`, {
        remedy: 'see whether it waits in the pool: the account may lack coins, or offer less than the chain asks for.',
      })
    await delay(LOOK_AGAIN_MS)
  }
}

/**
 * Tells whether a node is indexing: a geth that has just started says so of each transaction that it hasn't found yet,
 * in words alone.
 */
const isIndexing = (error: unknown): boolean =>
  error instanceof BaseError && error.details.includes('transaction indexing is in progress')

/** Puts the libraries' addresses in the place of solc's placeholders in creation bytecode. */
function linkLibraries(artifact: Artifact, libraries: LinkedLibraries): Hex {
  let code = artifact.bytecode.slice(2)
  for (const { name, places } of artifact.libraries) {
    const address = libraries[name]
    if (address === undefined)
      throw new DeploymentError(`Library ${name} is not deployed.`, { remedy: 'deploy it first and name it.' })
    for (const { start, length } of places)
      code = code.slice(0, start * 2) + address.slice(2) + code.slice((start + length) * 2)
  }
  return `0x${code}`
}
