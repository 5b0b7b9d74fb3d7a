import type { Endpoints } from '../endpoints/endpoints.ts'

/** Headers that are remembered to guess by. */
const MOST_POINTS = 1_000

/** Guesses before the search is by halving alone: blocks needn't come evenly. */
const MOST_GUESSES = 6

/** Blocks among which are all of one second: development chains may have several in one. */
export interface Stretch {
  first: number
  /** The first one after that second, or the end of the search. */
  last: number
}

/** Which second, and where its blocks are looked for. */
export interface TimeQuestion {
  sec: number
  from: number
  to: number
}

/**
 * Finds blocks by their time. A block that nodes don't have is taken for one before the time: an answer may then be too
 * high, and never too low. The first search goes downwards in growing steps and then halves, because nodes may have no
 * old blocks; later ones guess between headers that were read before. Those are no more than hints, as a reorg may have
 * replaced them.
 */
export function createBlockFinder(endpoints: Pick<Endpoints, 'blockNear'>): (p: TimeQuestion) => Promise<Stretch> {
  const points = new Map<number, number>()

  function readerFor({ from }: TimeQuestion): (number: number) => Promise<number | undefined> {
    const asked = new Map<number, Promise<number | undefined>>()
    return (number) => {
      const sec = asked.get(number) ?? endpoints.blockNear(number, from).then((block) => block?.timestampSec)
      asked.set(number, sec)
      return sec.then((known) => {
        if (known !== undefined) remember(number, known)
        return known
      })
    }
  }

  function remember(number: number, sec: number): void {
    points.delete(number)
    points.set(number, sec)
    const [oldest] = points.keys()
    if (points.size > MOST_POINTS && oldest !== undefined) points.delete(oldest)
  }

  return async (p) => {
    const secOf = readerFor(p)
    const isReached = async (number: number) => ((await secOf(number)) ?? Number.NEGATIVE_INFINITY) >= p.sec
    const isOver = async (number: number) => ((await secOf(number)) ?? Number.NEGATIVE_INFINITY) > p.sec
    const first = await searchDown(await guess(p, { points, isReached }), isReached)
    return { first, last: await searchUp({ low: first, high: p.to }, isOver) }
  }
}

/** The wanted block is one of these. */
interface Bounds {
  low: number
  high: number
}

type Test = (number: number) => Promise<boolean>

/**
 * Asks for the header that is likely, with its neighbours in the same JSON-RPC batch: where blocks come evenly, nothing
 * is left to be searched.
 */
async function guess(
  p: TimeQuestion,
  { points, isReached }: { points: ReadonlyMap<number, number>; isReached: Test },
): Promise<Bounds> {
  let bounds: Bounds = { low: p.from, high: p.to }
  for (let guesses = 0; guesses < MOST_GUESSES && bounds.low < bounds.high; guesses += 1) {
    const likely = interpolate(points, p.sec)
    if (likely === undefined) break
    const middle = Math.min(Math.max(likely, bounds.low), bounds.high)
    const near = [middle - 1, middle, middle + 1].filter((number) => number >= bounds.low && number <= p.to)
    const reached = await Promise.all(near.map(isReached))
    bounds = narrow(bounds, near, reached)
  }
  return bounds
}

/** @param near numbers in a row, lowest first. */
function narrow({ low, high }: Bounds, near: readonly number[], reached: readonly boolean[]): Bounds {
  const firstReached = near.find((number, i) => reached[i] && number < high) ?? high
  const before = near.filter((number) => number < firstReached)
  return { low: Math.max(low, (before.at(-1) ?? low - 1) + 1), high: firstReached }
}

/**
 * Guesses where the second's first block is, as if blocks came evenly between the nearest known ones before and after
 * it; undefined where none are known.
 */
function interpolate(points: ReadonlyMap<number, number>, sec: number): number | undefined {
  const all = [...points]
  const below = all
    .filter((point) => point[1] < sec)
    .reduce<[number, number] | undefined>((a, b) => (a && a[0] > b[0] ? a : b), undefined)
  const above = all
    .filter((point) => point[1] >= sec)
    .reduce<[number, number] | undefined>((a, b) => (a && a[0] < b[0] ? a : b), undefined)
  if (below === undefined || above === undefined) return undefined
  return below[0] + Math.ceil(((sec - below[1]) * (above[0] - below[0])) / (above[1] - below[1]))
}

async function searchDown({ low, high }: Bounds, isReached: Test): Promise<number> {
  for (let step = 1; low < high; step *= 2) {
    const number = Math.max(low, high - step)
    if (!(await isReached(number))) return halve({ low: number + 1, high }, isReached)
    high = number
  }
  return high
}

async function searchUp({ low, high }: Bounds, isReached: Test): Promise<number> {
  for (let step = 1; low < high; step *= 2) {
    const number = Math.min(high, low + step)
    if (number === high || (await isReached(number))) return halve({ low, high: number }, isReached)
    low = number
  }
  return high
}

async function halve({ low, high }: Bounds, isReached: Test): Promise<number> {
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await isReached(middle)) high = middle
    else low = middle + 1
  }
  return high
}
