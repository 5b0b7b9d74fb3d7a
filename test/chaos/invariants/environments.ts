import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { PROVER_DATABASE_ENV } from '../../../dev/deployment/write-config.ts'
import { descendantsOf } from '../../support/process-table.ts'
import type { World } from '../world/world.ts'
import type { Place } from './secrets.ts'

/** A prover that has just ended is there again by then, ms. */
const PATIENCE_MS = 10_000
const EVERY_MS = 200

/**
 * Reads the environments of the provers' processes and of everything that these have spawned. Only Linux shows them;
 * elsewhere the timeline says so.
 * @throws Error when a prover's own can't be read: then the look itself is broken.
 */
export async function readEnvironments({ provers, timeline }: Pick<World, 'provers' | 'timeline'>): Promise<Place[]> {
  if (process.platform !== 'linux') {
    timeline.note(`the provers' environments are not looked at: ${process.platform} doesn't show them`)
    return []
  }
  const found = await Promise.all(
    provers.map(async ({ name, pid }) => {
      for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await delay(EVERY_MS)) {
        const places = await environmentsOf(name, pid())
        if (places.some(({ text }) => text.includes(PROVER_DATABASE_ENV))) return places
      }
      throw new Error(`the environment of ${name} can't be read`)
    }),
  )
  return found.flat().map((place) => ({ ...place, mayHold: ["password of the provers' login"] }))
}

/** Reads the environments of a process and its descendants, as far as they still run. */
export async function environmentsOf(name: string, pid: number | undefined): Promise<Place[]> {
  if (pid === undefined) return []
  const places = await Promise.all(
    [pid, ...descendantsOf(pid)].map(async (one) => {
      const text = await readFile(`/proc/${one}/environ`, 'utf8').catch(() => null)
      return text === null ? [] : [{ name: `environment of ${name} (process ${one})`, text }]
    }),
  )
  return places.flat()
}
