import { sha256, stringToBytes } from 'viem/utils'
import type { Account } from '../../../kinds/payments/account.ts'
import { type AccountTree, treeOf } from '../../../kinds/payments/account-tree.ts'
import { batchCircuitInput } from '../../../kinds/payments/circuit-input.ts'
import { type BatchExecution, executeBatch, type State } from '../../../kinds/payments/execute-batch.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { decodeTransfer, encodeBatchData, encodeTransfer, type Transfer } from '../../../kinds/payments/transfer.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import type { PostedBatch } from '../../../protocol/proof/rollup-kind.ts'

export const IDS = { chainId: '1001', forkId: '7' }
const AGG_KEY_HASH = word(0xa66n)
/** The most that an account can hold. */
export const RICHES = 2n ** 64n - 1n
/** Index of the account that holds it, which is also the tree's last. */
export const RICH = 65535
/** An index without an account. */
export const NOBODY = 4000

/** Index of an account whose key was chosen to break the backend's check of signatures: see {@link BREAKING}. */
export const WEAK = 5
const WEAK_KEY: Hex = '0x93e75142036cdf4be42e70364b613843729936687c559a686d393c0cdda8ef6a'

const OWNERS = [0, 1, 2, 3, WEAK, RICH]

/** Gives the private key of the account at an index. */
export const keyOf = (index: number): Hex =>
  index === WEAK ? WEAK_KEY : sha256(stringToBytes(`zkpow/test/account/${index}`))

const accountOf = (index: number): Account => ({
  ...accountKey(keyOf(index)),
  balance: index === RICH ? RICHES : 1000n,
  nonce: 0n,
})

/** Accounts 0 to 3 with 1000 each, and the rich one. */
export const initialTree: AccountTree = treeOf(OWNERS.map((index) => [index, accountOf(index)] as const))
export const initialState: State = { batchNum: 41, accInputHash: sha256('0x41'), tree: initialTree }

/** A transfer, signed by the account at `from` (its low 16 bits) for this deployment unless said otherwise. */
export interface Wish {
  from: number
  to: number
  amount: bigint
  nonce?: bigint
  chainId?: string
  signer?: number
  /** Changes the signed transfer, signature included. */
  tamper?(transfer: Transfer): Transfer
}

/**
 * A signature that bb 5.0.0 can't judge: its sums meet at a place where it divides by zero. The weak key is λ / (3 -
 * 2λ) modulo the group's order, where λ is the endomorphism's eigenvalue; r and s were found by following bb's ladder
 * of partial sums.
 */
export const BREAKING: Wish = {
  from: WEAK,
  to: 1,
  amount: 10n,
  tamper: (transfer) => ({
    ...transfer,
    r: '0xd9bbd0571bf5ca5b43d71d33c9a2b5e3272ce24d084bccfcfc835ed951fbaa05',
    s: '0x11e0960d56a70432eed9a71d2026ea998ee8fa920319e0b4373addf9f8878326',
  }),
}

/** Makes the slot that a wish becomes. */
export async function slotOf({
  from,
  to,
  amount,
  nonce = 0n,
  chainId = IDS.chainId,
  signer = from % 65536,
  tamper,
}: Wish): Promise<Hex> {
  const slot = await signTransfer({
    privateKey: keyOf(signer),
    chainId: BigInt(chainId),
    body: { from, to, amount, nonce },
  })
  return tamper === undefined ? slot : encodeTransfer(tamper(decodeTransfer(slot)))
}

const postedBatch = (data: Hex): PostedBatch => ({
  transactions: data,
  globalExitRoot: sha256('0x5e'),
  timestamp: 1_700_000_000n,
  coinbase: `0x${'c0'.repeat(20)}`,
})

export type Scenario = BatchExecution & { batch: PostedBatch }

/** Posts the wishes as one batch and executes it. */
export async function execute(wishes: readonly (Wish | Hex)[], before = initialState): Promise<Scenario> {
  const slots = await Promise.all(wishes.map((wish) => (typeof wish === 'string' ? wish : slotOf(wish))))
  const batch = postedBatch(encodeBatchData(slots))
  return { batch, ...executeBatch(before, batch, IDS) }
}

/** Makes the arguments of the batch circuit's `main`, with one of the choices of blindings. */
export function mainInput(scenario: Scenario, choice = 0) {
  const { choices, statement, ...rest } = batchCircuitInput(scenario)
  const blindings = choices[choice]?.blindings ?? []
  return { ...rest, statement: { ...statement, agg_key_hash: AGG_KEY_HASH }, blindings }
}

export type MainInput = ReturnType<typeof mainInput>
