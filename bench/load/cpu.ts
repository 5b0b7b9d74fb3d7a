import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Processes by their part in a measurement. */
export type Parts = Readonly<Record<string, readonly number[]>>

/**
 * Tells the CPU time that parts have taken so far, with all children, ms. It is empty where the system has no /proc.
 */
export function cpuMs(parts: Parts): Record<string, number> {
  if (!existsSync('/proc/self/stat')) return {}
  const stats = readStats()
  const perMs = 1000 / ticksPerSecond()
  return Object.fromEntries(
    Object.entries(parts).map(([part, pids]) => {
      const below = pids.flatMap((pid) => [pid, ...descendants(stats, pid)])
      const ticks = [...new Set(below)].reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0)
      return [part, ticks * perMs]
    }),
  )
}

/** Finds processes whose command line names a folder and a word: servers that were started on that folder. */
export function serversOn(folder: string, word: string): number[] {
  if (!existsSync('/proc/self/stat')) return []
  return [...readStats()].flatMap(([pid, { command }]) =>
    command.includes(folder) && command.includes(word) ? [pid] : [],
  )
}

interface Stat {
  parent: number
  /** Ticks of its own, and of children that have ended. */
  ticks: number
  command: string
}

function readStats(): Map<number, Stat> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(pids.flatMap((pid) => readStat(pid)))
}

function readStat(pid: string): [number, Stat][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything; what comes after it is separated by blanks (proc(5)).
    const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = rest.slice(9, 13).reduce((sum, one) => sum + Number(one), 0)
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return [[Number(pid), { parent: Number(parent), ticks, command }]]
  } catch {
    return [] // it has ended meanwhile
  }
}

function descendants(stats: Map<number, Stat>, pid: number): number[] {
  const children = [...stats].flatMap(([child, { parent }]) => (parent === pid ? [child] : []))
  return children.flatMap((child) => [child, ...descendants(stats, child)])
}

const ticksPerSecond = (): number => Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
