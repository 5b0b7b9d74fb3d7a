import { formatEther } from 'viem/utils'

/** An amount as people read it: in coins of the chain. @param wei a decimal string on the wire. */
export const coins = (wei: string | bigint): string => formatEther(BigInt(wei))
