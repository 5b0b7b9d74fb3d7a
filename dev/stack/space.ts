import { statfs } from 'node:fs/promises'
import { StackUsageError } from './errors.ts'

/**
 * @throws StackUsageError unless the disk of a folder has as many bytes free: programs that run out of space rarely say
 * where.
 */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes) return
  throw new StackUsageError(`The disk of ${folder} has ${megabytes(free)} free, and ${megabytes(bytes)} are needed.`, {
    remedy: 'free some, or name a folder on another disk in TMPDIR.',
  })
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`
