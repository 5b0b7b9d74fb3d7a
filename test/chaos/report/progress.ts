import { setTimeout as delay } from 'node:timers/promises'
import type { World } from '../world/world.ts'

const EVERY_MS = 300

/** When something new was last seen in the database, and how long each fault kept that from happening. */
export interface Progress {
  /** Hears that another sequence is posted. */
  sequencePosted(): void
  /** Tells whether a posted sequence is open, as far as is known. */
  isBusy(): boolean
  /**
   * Hears that a fault began now. `recovered` hears how long it took from here to the next progress after its end, ms,
   * unless nothing is to be done.
   */
  faultBegins(recovered: (ms: number) => void): { ends(): void }
  stop(): Promise<void>
}

/** @param sql is asked a few times a second: proofs, transactions and what sequences say they wait for. */
export function followProgress({ sql, timeline }: World): Progress {
  const stopped = new AbortController()
  const waiting = new Set<{ beganAt: number; hasEnded: boolean; recovered: (ms: number) => void }>()
  const told = new Map<string, string>()
  let last = ''
  let posted = 0
  let ended = 0
  const running = (async () => {
    while (!stopped.signal.aborted) {
      const now = await fingerprint(sql).catch(() => last)
      if (now !== last) {
        for (const one of [...waiting].filter(({ hasEnded }) => hasEnded)) {
          waiting.delete(one)
          one.recovered(performance.now() - one.beganAt)
        }
      }
      last = now
      const sequences = await sequencesOf(sql).catch(() => undefined)
      ended = sequences?.filter(({ hasEnded }) => hasEnded).length ?? ended
      for (const { name, text } of sequences ?? []) {
        if (told.get(name) !== text) timeline.note(`${name}: ${text}`)
        told.set(name, text)
      }
      await delay(EVERY_MS, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()
  const isBusy = () => ended < posted
  return {
    isBusy,
    sequencePosted: () => {
      posted += 1
    },
    faultBegins: (recovered) => {
      const one = { beganAt: performance.now(), hasEnded: false, recovered }
      if (isBusy()) waiting.add(one)
      return {
        ends: () => {
          one.hasEnded = true
        },
      }
    },
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

/**
 * Reads the sequences: of those whose data was replaced the one that goes on. It leaves numbers out, which change with
 * every block.
 */
async function sequencesOf(sql: World['sql']): Promise<{ name: string; text: string; hasEnded: boolean }[]> {
  const rows = await sql`
    select distinct on (rollup, to_batch) rollup, from_batch, to_batch, phase, text, outcome from zkpow.sequences
    order by rollup, to_batch, outcome is null desc, updated_at desc`
  return rows.map((row) => ({
    hasEnded: row.outcome !== null,
    name: `${row.rollup}/${row.from_batch}-${row.to_batch}`,
    text: `${row.phase}${row.outcome === null ? '' : ` (${row.outcome})`}: ${row.text.replaceAll(/ ?[0-9]+/g, '')}`,
  }))
}

async function fingerprint(sql: World['sql']): Promise<string> {
  const rows = await sql`
    select (select count(*) from zkpow.proofs) as proofs, (select count(*) from zkpow.attempts) as attempts,
      (select count(*) from zkpow.attempts where is_final) as final, (select max(updated_at) from zkpow.sequences) as told`
  return JSON.stringify(rows)
}
