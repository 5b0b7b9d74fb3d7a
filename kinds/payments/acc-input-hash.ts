import { encodePacked, keccak256 } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { PostedBatch } from '../../protocol/proof/rollup-kind.ts'

/** Accumulated input hash of batch 0. */
export const GENESIS_ACC_INPUT_HASH: Hex = `0x${'00'.repeat(32)}`

/** Accumulated input hash after a batch, as the 2023 contracts chain it. */
export const chainAccInputHash = (previous: Hex, batch: PostedBatch): Hex =>
  keccak256(
    encodePacked(
      ['bytes32', 'bytes32', 'bytes32', 'uint64', 'address'],
      [previous, keccak256(batch.transactions), batch.globalExitRoot, batch.timestamp, batch.coinbase],
    ),
  )
