import { vi } from 'vitest'
import { type ProcessRow, processTable } from './process-table.ts'

/**
 * Waits until none of the processes runs any more. What has ended and only waits for its parent to notice doesn't
 * count.
 */
export async function untilGone(pids: number[], timeoutMs = 20_000): Promise<void> {
  const allGone = vi.waitUntil(() => running(pids).length === 0, { timeout: timeoutMs, interval: 100 })
  await allGone.catch(() => {
    const rest = running(pids).map(({ pid, command }) => `${pid} ${command}`)
    throw new Error(`Still running after ${timeoutMs / 1000} s:\n${rest.join('\n')}`)
  })
}

/** Ends what a failed test has left. */
export async function endAll(pids: number[]): Promise<void> {
  for (const { pid } of running(pids)) process.kill(pid, 'SIGKILL')
  await untilGone(pids)
}

function running(pids: number[]): ProcessRow[] {
  return processTable().filter((row) => pids.includes(row.pid) && !row.state.startsWith('Z'))
}
