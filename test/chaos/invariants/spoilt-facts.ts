import { describe, expect, test } from 'vitest'
import type { Facts } from './facts.ts'
import { healthyFacts } from './healthy-facts.ts'
import type { Invariant } from './judge.ts'

/** What a run would have to look like for an invariant to be broken. `says: null`: it must not be taken for broken. */
export interface Broken {
  why: string
  spoil: (facts: Spoilt) => void
  says: RegExp | null
}

/** The first of everything, so that spoiling needs no checks. */
export interface Spoilt {
  facts: Facts
  rollup: Facts['rollups'][number]
  account: Facts['accounts'][number]
  database: Facts['databases'][number]
}

/** Makes one test for facts that are well, and one for each way in which they could be broken. */
export function checkInvariant(name: string, judge: Invariant, cases: Broken[]): void {
  describe(name, () => {
    test('holds when all is well', () => expect(judge(healthyFacts())).toEqual([]))

    test.each(cases)('$why', ({ spoil, says }) => expectVerdict(judge, spoil, says))
  })
}

export const first = <T>(all: readonly T[]): T => {
  if (all[0] === undefined) throw new Error('unreachable: there is one')
  return all[0]
}

export const last = <T>(all: readonly T[]): T => first([...all].reverse())

function expectVerdict(judge: Invariant, spoil: Broken['spoil'], says: RegExp | null): void {
  const facts = healthyFacts()
  spoil(whole(facts))
  const found = judge(facts)
  if (says === null) expect(found).toEqual([])
  else expect(found).toEqual([expect.stringMatching(says)])
}

function whole(facts: Facts): Spoilt {
  const [rollup, account, database] = [facts.rollups[0], facts.accounts[0], facts.databases[0]]
  if (rollup === undefined || account === undefined || database === undefined)
    throw new Error('unreachable: there is one of each')
  return { facts, rollup, account, database }
}
