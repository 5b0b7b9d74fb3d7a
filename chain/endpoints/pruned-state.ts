import { RetryableError } from '../../protocol/base/errors.ts'
import type { BlockRef } from './endpoints.ts'

/**
 * Gives what a read of an old block's state answers; null when too few endpoints tell. Nodes that are no archives keep
 * the state of their newest blocks only (geth: 128), and finality can fall further behind. It is only for what merely
 * ends later when it isn't known.
 * @param mostMs after which it isn't known. Default: when the read fails.
 */
export async function orUnknown<T>(read: Promise<T>, mostMs?: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = mostMs === undefined ? undefined : setTimeout(resolve, mostMs, null)
  })
  try {
    return await Promise.race([read, late])
  } catch (error) {
    if (error instanceof RetryableError) return null
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Gives what `read` answers about the newest final block; null when it isn't known, or too few endpoints tell. */
export const orUnknownAt = async <T>(
  final: BlockRef | null,
  read: (final: BlockRef) => Promise<T>,
): Promise<T | null> => (final === null ? null : orUnknown(read(final)))
