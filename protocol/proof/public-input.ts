import { concatHex, encodePacked, keccak256, numberToHex, sha256 } from 'viem/utils'
import type { Address, Hex } from '../base/ranges.ts'
import type { Statement } from './statement.ts'

/** Order of the BN254 scalar field: public inputs and state roots are below it. */
export const BN254_SCALAR_FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

/** Writes a public input or a root as bytes: 32 of them, big-endian. */
export const word = (value: bigint): Hex => numberToHex(value, { size: 32 })

/** What the final proof is about: a statement, made for one miner. */
export interface FinalStatement {
  miner: Address
  statement: Statement
  newLocalExitRoot: Hex
}

/** Gives the 212 bytes that the contract's `getInputSnarkBytes` packs, in its order. */
export const inputSnarkBytes = ({ miner, statement: s, newLocalExitRoot }: FinalStatement): Hex =>
  encodePacked(
    ['address', 'bytes32', 'bytes32', 'uint64', 'uint64', 'uint64', 'bytes32', 'bytes32', 'bytes32', 'uint64'],
    [
      miner,
      s.oldStateRoot,
      s.oldAccInputHash,
      BigInt(s.oldBatchNum),
      BigInt(s.chainId),
      BigInt(s.forkId),
      s.newStateRoot,
      s.newAccInputHash,
      newLocalExitRoot,
      BigInt(s.newBatchNum),
    ],
  )

/** Gives the final proof's only public input: `uint256(sha256(getInputSnarkBytes)) mod r`. */
export const inputSnark = (final: FinalStatement): bigint => BigInt(sha256(inputSnarkBytes(final))) % BN254_SCALAR_FIELD

/**
 * Gives what a miner commits to: `keccak256(keccak256(proof) ‖ address)`. The preimage has 52 bytes, with the address
 * unpadded (contracts of 2023, `submitProofHash`).
 * @param proof the bytes that `verifyBatches` will get, never their hex text.
 */
export const proofHash = (proof: Hex | Uint8Array, miner: Address): Hex =>
  keccak256(concatHex([keccak256(proof), miner]))
