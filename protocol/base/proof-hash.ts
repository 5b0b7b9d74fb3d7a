import { concatHex, keccak256 } from 'viem/utils'
import type { Address, Hex } from './ranges.ts'

/**
 * What a miner commits to: `keccak256(keccak256(proof) ‖ address)`, a 52-byte preimage with the address unpadded
 * (contracts of 2023, `submitProofHash`).
 * @param proof the bytes that `verifyBatches` will get, never their hex text.
 */
export const proofHash = (proof: Hex | Uint8Array, miner: Address): Hex => keccak256(concatHex([keccak256(proof), miner]))
