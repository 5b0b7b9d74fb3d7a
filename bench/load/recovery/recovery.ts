import { setTimeout as delay } from 'node:timers/promises'
import type { Benchmark, Figures } from '../../benchmark.ts'
import { percentile } from '../scheduling/percentile.ts'
import { type Place, withPlace } from './place.ts'
import { VICTIMS, type Victim } from './victims.ts'

/** Pause between two tries, in which the machine comes to rest, ms. */
const REST_MS = 1_000

/** What killing a process costs: the time from SIGKILL to the first work that is of use to a miner. */
export const recovery: Benchmark<'tries'> = {
  name: 'recovery',
  method:
    'a process gets SIGKILL and is started again at once, the others run on; first work of the aggregator is a look of ' +
    'one of twelve sequences, of which another is asked to look every 250 ms, of the prover a proof that is begun, of ' +
    'Temporal and Postgres a survey of the rollup; real Postgres, Temporal and anvil, simulated proofs of 330 ms',
  rounds: 1,
  replaces: ['bench'],
  settings: { tries: { what: 'how often each process is killed', default: 20 } },
  measure: ({ tries }) => withPlace((place) => measureAll(place, tries)),
}

async function measureAll(place: Place, tries: number): Promise<Figures> {
  const figures: Figures = {}
  for (const victim of VICTIMS) {
    for (const [what, took] of await measureOne(place, victim, tries)) {
      figures[`ms p50, ${what}`] = percentile(took, 0.5)
      figures[`ms p99, ${what}`] = percentile(took, 0.99)
    }
  }
  return figures
}

async function measureOne(place: Place, victim: Victim, tries: number): Promise<Map<string, number[]>> {
  const took = new Map<string, number[]>()
  for (let i = 0; i < tries; i++) {
    await victim.prepare(place)
    await delay(REST_MS)
    const killed = victim.of(place)
    const sinceMs = Date.now()
    await killed.kill('SIGKILL')
    const started = killed.start()
    const times = await victim.firstUse(place, sinceMs)
    for (const [what, ms] of Object.entries(times)) took.set(what, [...(took.get(what) ?? []), ms])
    await started
  }
  return took
}
