import { type Hex, numberToHex } from 'viem'

/** Where chains of the OP stack have their GasPriceOracle. */
export const DATA_FEE_ORACLE = '0x420000000000000000000000000000000000000F'

/**
 * Makes code of a simulated oracle, which answers to any call with so many wei for each byte of its calldata, selector
 * and padding included. So `getL1Fee` grows by that with each byte, and `getOperatorFee`, whose calldata has 36 bytes
 * always, is the same for all gas. No node that tests have charges what it tells.
 */
export const chargesPerByte = (wei: bigint): Hex =>
  // CALLDATASIZE, PUSH32 wei, MUL; PUSH0, MSTORE; PUSH1 32, PUSH0, RETURN
  `0x367f${numberToHex(wei, { size: 32 }).slice(2)}025f5260205ff3`

/** Answers to calls with fewer than a hundred bytes, and so to `getOperatorFee`, by a revert: as before Isthmus. */
export const chargesForDataOnly = (wei: bigint): Hex =>
  // PUSH1 100, CALLDATASIZE, GT, PUSH1 10, JUMPI; PUSH0, PUSH0, REVERT; JUMPDEST
  `0x60643611600a575f5ffd5b${chargesPerByte(wei).slice(2)}`

/** Reverts whatever it is asked. */
export const REVERTING: Hex = '0x5f5ffd'
