import { randomBytes } from 'node:crypto'

/**
 * Makes a name that no other test has, for databases, namespaces, task queues and workflow ids: `<prefix>_<8 hex
 * digits>`.
 */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(4).toString('hex')}`
}
