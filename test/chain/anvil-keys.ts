import type { Hex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { bytesToHex } from 'viem/utils'

/** The well-known mnemonic of development chains. */
const MNEMONIC = 'test test test test test test test test test test test junk'

/** Private keys of anvil's funded accounts, in its order. */
export const anvilKeys = [0, 1, 2, 3, 4, 5, 6, 7].map(keyOf) as [Hex, ...Hex[]]

function keyOf(addressIndex: number): Hex {
  const { privateKey } = mnemonicToAccount(MNEMONIC, { addressIndex }).getHdKey()
  if (!privateKey) throw new Error('the mnemonic gives no private key')
  return bytesToHex(privateKey)
}
