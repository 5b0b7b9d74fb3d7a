import type { AccountKey } from '../../config/load.ts'
import type { Warning } from './check-rollup.ts'

/**
 * Tells whether an account's key can be read, by opening it as an aggregator does. It can't be read where its secret
 * isn't: the key may live elsewhere.
 */
export async function checkAccount({ variable, isHere, read }: AccountKey): Promise<string | Warning> {
  if (!isHere)
    return { warning: `its key isn't looked at: ${variable} isn't set here, as it must be where the aggregator runs` }
  const { address } = await read()
  return `${address}, and its key opens`
}
