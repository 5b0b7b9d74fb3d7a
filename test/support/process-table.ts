import { execFileSync } from 'node:child_process'

export interface ProcessRow {
  pid: number
  parent: number
  state: string
  command: string
}

/**
 * Finds all processes below one, with its children's children. Takes them from `ps`, so it works on Linux and macOS.
 */
export function descendantsOf(pid: number): number[] {
  const rows = processTable()
  const below = (parent: number): number[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)])
  return below(pid)
}

/** Lists every process, from `ps`. */
export function processTable(): ProcessRow[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, state = '', ...command] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), state, command: command.join(' ') }
  })
}
