import { RetryableError } from '../protocol/errors.ts'

/**
 * What a read of an old block's state answers; null when too few endpoints tell. Nodes that are no archives keep the state of their
 * newest blocks only (geth: 128), and finality can fall further behind. Only for what merely ends later when it isn't known.
 */
export async function orUnknown<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (error instanceof RetryableError) return null
    throw error
  }
}
