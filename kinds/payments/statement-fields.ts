/** The eleven public inputs of batch and aggregate, in the order of `Statement` in circuits/lib. */
import { concatHex, sliceHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { word } from '../../protocol/proof/public-input.ts'
import type { Statement } from '../../protocol/proof/statement.ts'

/** Names in the circuits' ABI; accumulated hashes are two 128-bit limbs, because 256 bits don't fit into a field. */
export const STATEMENT_NAMES = [
  'old_state_root',
  'new_state_root',
  'old_acc_hi',
  'old_acc_lo',
  'new_acc_hi',
  'new_acc_lo',
  'old_batch_num',
  'new_batch_num',
  'chain_id',
  'fork_id',
  'agg_key_hash',
] as const

/** A statement as the circuits' ABI names it: 32-byte hex words. */
export type StatementFields = Record<(typeof STATEMENT_NAMES)[number], Hex>

/** @param aggregateKeyHash key hash of the aggregate circuit, which batch and aggregate carry along. */
export const toFields = (s: Statement, aggregateKeyHash: Hex): StatementFields => ({
  old_state_root: s.oldStateRoot,
  new_state_root: s.newStateRoot,
  old_acc_hi: word(BigInt(sliceHex(s.oldAccInputHash, 0, 16))),
  old_acc_lo: word(BigInt(sliceHex(s.oldAccInputHash, 16, 32))),
  new_acc_hi: word(BigInt(sliceHex(s.newAccInputHash, 0, 16))),
  new_acc_lo: word(BigInt(sliceHex(s.newAccInputHash, 16, 32))),
  old_batch_num: word(BigInt(s.oldBatchNum)),
  new_batch_num: word(BigInt(s.newBatchNum)),
  chain_id: word(BigInt(s.chainId)),
  fork_id: word(BigInt(s.forkId)),
  agg_key_hash: aggregateKeyHash,
})

export const fromFields = (f: StatementFields): Statement => ({
  oldStateRoot: f.old_state_root,
  newStateRoot: f.new_state_root,
  oldAccInputHash: concatHex([sliceHex(f.old_acc_hi, 16), sliceHex(f.old_acc_lo, 16)]),
  newAccInputHash: concatHex([sliceHex(f.new_acc_hi, 16), sliceHex(f.new_acc_lo, 16)]),
  oldBatchNum: Number(BigInt(f.old_batch_num)),
  newBatchNum: Number(BigInt(f.new_batch_num)),
  chainId: BigInt(f.chain_id).toString(),
  forkId: BigInt(f.fork_id).toString(),
})

/** Says what an aggregate of neighbours says. That they meet, the circuit insists on. */
export const joinFields = (left: StatementFields, right: StatementFields): StatementFields => ({
  ...left,
  new_state_root: right.new_state_root,
  new_acc_hi: right.new_acc_hi,
  new_acc_lo: right.new_acc_lo,
  new_batch_num: right.new_batch_num,
})
