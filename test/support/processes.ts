import { execFileSync } from 'node:child_process'
import { vi } from 'vitest'

interface ProcessRow {
  pid: number
  parent: number
  state: string
  command: string
}

/** All processes below one, with its children's children. Takes them from `ps`, so it works on Linux and macOS. */
export function descendantsOf(pid: number): number[] {
  const rows = processTable()
  const below = (parent: number): number[] => rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)])
  return below(pid)
}

/** Waits until none of the processes runs any more. What has ended and only waits for its parent to notice doesn't count. */
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

function processTable(): ProcessRow[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, state = '', ...command] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), state, command: command.join(' ') }
  })
}
