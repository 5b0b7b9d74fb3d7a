import type { BatchRange } from '../../protocol/base/ranges.ts'
import type { StateReader } from '../endpoints/endpoints.ts'
import { createBlockMemo } from '../endpoints/memo.ts'
import type { Sightings } from '../endpoints/sightings.ts'
import type { Generation } from './read-deployment.ts'
import { NOTHING, type OnChainWithPenalty, readOnChain, type StatesQuestion } from './read-on-chain.ts'

/** Sequences on whose states endpoints have to agree at once, at most. */
const AT_ONCE = 192

/** Which sequence, whose hash, and in which block's state. */
export interface StateQuestion extends StatesQuestion {
  range: BatchRange
  /** Honest nodes may keep the block's state no more, so one that refuses is not to be thought ill of. */
  isPast?: boolean | undefined
}

/** States of sequences in one block's state. */
export type StateReading = (generation: Generation, p: StateQuestion) => Promise<OnChainWithPenalty>

interface Waiting {
  range: BatchRange
  settle(state: Promise<OnChainWithPenalty> | OnChainWithPenalty): void
}

/**
 * Reads the state of each sequence once a block, and of all that are asked for in the same turn together: each look
 * needs those of its predecessors and of whatever its account may owe. Where endpoints don't agree on all of them, or
 * one can't be read, each is asked for by itself, and nothing is lost but its own answer.
 */
export function createStates(deps: {
  readerOf(p: { isPast?: boolean | undefined }): StateReader
  sightings: Sightings
}): StateReading {
  const { readerOf, sightings } = deps
  const states = createBlockMemo<OnChainWithPenalty>()
  const turns = new Map<string, Waiting[]>()

  function readInTurn(generation: Generation, { range, ...p }: StateQuestion): Promise<OnChainWithPenalty> {
    const key = [generation, p.contract, p.miner, p.at.hash, p.isPast === true].join(' ')
    return new Promise((settle) => {
      const waiting = turns.get(key) ?? []
      waiting.push({ range, settle })
      if (waiting.length > 1) return
      turns.set(key, waiting)
      setImmediate(() => {
        turns.delete(key)
        for (let i = 0; i < waiting.length; i += AT_ONCE) void readSome(generation, p, waiting.slice(i, i + AT_ONCE))
      })
    })
  }

  async function readSome(
    generation: Generation,
    p: Omit<StateQuestion, 'range'>,
    waiting: readonly Waiting[],
  ): Promise<void> {
    const read = (some: readonly Waiting[]) =>
      readOnChain(readerOf(p), generation, { ...p, ranges: some.map(({ range }) => range) })
    const together = waiting.length === 1 ? undefined : await read(waiting).catch(() => undefined)
    if (together !== undefined) sightings.add(p.contract, p.at)
    const readOne = async (one: Waiting) =>
      sightings.orBefore(p.contract, p.at, NOTHING, async () => (await read([one]))[0] ?? NOTHING)
    for (const [i, one] of waiting.entries()) one.settle(together?.[i] ?? readOne(one))
  }

  return (generation, p) => states(p, `${p.range.from}-${p.range.to} ${p.miner}`, () => readInTurn(generation, p))
}
