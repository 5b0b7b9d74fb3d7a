import { EndpointsDisagreeError } from '../errors.ts'
import { tooFewAnswers } from './agreement.ts'
import { type Endpoint, SLOW_MS } from './endpoint.ts'
import type { AgreedBlock } from './endpoints.ts'
import { blockOf, fromBlock } from './pinned-read.ts'
import { answersInTime } from './stragglers.ts'

/** How far below the endpoints' heights a common block is looked for. */
const MAX_FORK_BLOCKS = 8192

/**
 * An agreed block so far below the highest tip is looked at again with the answers of stragglers, and an endpoint so
 * far from the agreed block is named, blocks. Honest endpoints are fewer apart.
 */
const NEAR_BLOCKS = 3

/**
 * How long the block of a number is waited for, ms: at first, of an endpoint that owes an answer already, and where
 * nothing is agreed on without it. Who answers `latest` and never this must not make every look wait for its time-out.
 */
const BLOCK_MS = { first: SLOW_MS, owing: 300, needed: 3_000 }

/** How long those are waited for who haven't told their tip while the others agree on an old block only, ms. */
const PATIENCE_MS = 2_000

type Tag = 'latest' | 'finalized'

/** Where an endpoint stands. */
interface Tip {
  endpoint: Endpoint
  block: AgreedBlock
}

/** An endpoint's block of a number; undefined where it has none. */
interface Has {
  endpoint: Endpoint
  block: AgreedBlock | undefined
}

/** A block that enough endpoints have, and which have another one of that number. */
interface Agreed {
  number: number
  block: AgreedBlock
  others: Endpoint[]
  /** What the others have who weren't waited for. */
  pending: Promise<Has>[]
}

/** A search for the highest block, with those who don't tell in time which blocks they have. */
interface Search {
  tips: readonly Tip[]
  agreement: number
  late: Set<Endpoint>
  isPatient: boolean
}

/** Finds the highest block that enough endpoints have. */
export interface AgreedTips {
  /**
   * Finds the highest block on which enough endpoints agree by hash. @throws EndpointsDisagreeError |
   * RpcUnavailableError
   */
  read(tag: Tag): Promise<AgreedBlock>
  /**
   * Says what kept the endpoint out of the last agreement on the newest block: it is far from it, or has another one;
   * null for nothing.
   */
  trouble(endpoint: Endpoint): string | null
}

/**
 * An endpoint that hangs must not delay every look, and one that is late must not be outvoted by one that is quick and
 * has stopped syncing, or is on a fork. So a look does without stragglers only if what the others agree on is about as
 * high as any endpoint was when it last answered, this time or before; else it waits for all, a little longer.
 */
export function createAgreedTips(all: readonly Endpoint[], agreement: number): AgreedTips {
  const heights = { latest: new Map<Endpoint, number>(), finalized: new Map<Endpoint, number>() }
  let troubles = new Map<Endpoint, string>()
  return {
    async read(tag) {
      const known = heights[tag]
      const isNear = (found: Agreed | undefined) =>
        found !== undefined && Math.max(...known.values()) - found.number <= NEAR_BLOCKS
      const asked = all.map((endpoint) => readTip(endpoint, tag, known))
      const look = async (isEnough: (tips: readonly Tip[]) => boolean, mostMs?: number) => {
        const { answers, failures } = await answersInTime(asked, isEnough, mostMs)
        return { answers, failures, found: await highestAgreed(answers, agreement) }
      }
      let told = await look((tips) => tips.length >= agreement)
      if (told.answers.length + told.failures.length < all.length && !isNear(told.found)) {
        told = await look(() => false, PATIENCE_MS)
        const owing = all.filter((endpoint) => !told.answers.some((tip) => tip.endpoint === endpoint))
        for (const endpoint of owing) known.delete(endpoint) // one look was delayed for what it once said, not the next
      }
      const { answers, failures, found } = told
      if (answers.length < agreement) throw tooFewAnswers(failures)
      if (tag === 'latest') troubles = troublesOf(answers, found)
      if (found) return found.block
      throw new EndpointsDisagreeError({
        what: `a ${tag} block`,
        agreement,
        answers: answers.length,
        endpoints: all.length,
      })
    },
    trouble: (endpoint) => troubles.get(endpoint) ?? null,
  }
}

/**
 * Notes the height even of an answer that nobody waits for any more. One that fails may never come again: its height is
 * forgotten.
 */
async function readTip(endpoint: Endpoint, tag: Tag, heights: Map<Endpoint, number>): Promise<Tip> {
  // Many nodes have no block to call finalized: that is no reason to think ill of them.
  const ask = tag === 'latest' ? endpoint.ask : endpoint.askPast
  try {
    const block = fromBlock(await ask((client) => client.getBlock({ blockTag: tag })))
    heights.set(endpoint, block.number)
    if (tag === 'latest') endpoint.sawHeight(block.number)
    return { endpoint, block }
  } catch (error) {
    heights.delete(endpoint)
    throw error
  }
}

function troublesOf(tips: readonly Tip[], found: Agreed | undefined): Map<Endpoint, string> {
  const troubles = new Map<Endpoint, string>()
  if (found === undefined) return troubles
  for (const { endpoint, block } of tips) {
    const ahead = block.number - found.number
    if (found.others.includes(endpoint)) troubles.set(endpoint, otherBlock(endpoint, found.number))
    else if (Math.abs(ahead) > NEAR_BLOCKS) {
      const where = ahead > 0 ? 'ahead of' : 'behind'
      troubles.set(endpoint, `${endpoint.label} is ${Math.abs(ahead)} blocks ${where} the agreed block ${found.number}`)
    }
  }
  // Who wasn't waited for may still show that it is on a fork.
  for (const one of found.pending) {
    void one.then(({ endpoint, block }) => {
      if (block !== undefined && block.hash !== found.block.hash)
        troubles.set(endpoint, otherBlock(endpoint, found.number))
    })
  }
  return troubles
}

const otherBlock = ({ label }: Endpoint, number: number): string =>
  `${label} has another block ${number} than the agreed one`

/**
 * Searches at first without those who don't tell in time which blocks they have; then, if they could change something,
 * with more patience.
 */
async function highestAgreed(tips: readonly Tip[], agreement: number): Promise<Agreed | undefined> {
  const high = tips.map((tip) => tip.block.number).sort((a, b) => b - a)[agreement - 1]
  if (high === undefined) return undefined
  const late = new Set<Endpoint>()
  const search = (isPatient: boolean) => {
    return searchDown(high, Math.max(0, high - MAX_FORK_BLOCKS), (number) =>
      agreedAt({ tips, agreement, late, isPatient }, number),
    )
  }
  const found = await search(false)
  if (late.size === 0 || (found !== undefined && high - found.number <= NEAR_BLOCKS)) return found
  late.clear()
  return search(true)
}

async function agreedAt({ tips, agreement, late, isPatient }: Search, number: number): Promise<Agreed | undefined> {
  if (tips.length - late.size < agreement) return undefined
  const reached = tips.filter(
    ({ endpoint, block }) => block.number === number || (block.number > number && !late.has(endpoint)),
  )
  const answered = new Map<Endpoint, AgreedBlock | undefined>()
  const asked = reached.map(async (tip): Promise<Has> => {
    const block = tip.block.number === number ? tip.block : await blockOf(tip.endpoint, number).catch(() => undefined)
    answered.set(tip.endpoint, block)
    return { endpoint: tip.endpoint, block }
  })
  const alike = (told: readonly Has[]) => {
    const isCommon = (block: AgreedBlock) =>
      told.filter((other) => other.block?.hash === block.hash).length >= agreement
    return told.find(({ block }) => block !== undefined && isCommon(block))?.block
  }
  const isOwing = reached.every(({ endpoint }) => answered.has(endpoint) || endpoint.isShunned())
  const mostMs = isPatient ? BLOCK_MS.needed : isOwing ? BLOCK_MS.owing : BLOCK_MS.first
  const { answers } = await answersInTime(asked, (told) => alike(told) !== undefined && 0, mostMs)
  const block = alike(answers)
  const isLate = ({ endpoint }: Tip) => !answers.some((one) => one.endpoint === endpoint)
  if (block === undefined) {
    for (const { endpoint } of reached.filter(isLate)) late.add(endpoint)
    return undefined
  }
  const others = answers.flatMap((one) =>
    one.block !== undefined && one.block.hash !== block.hash ? [one.endpoint] : [],
  )
  return { number, block, others, pending: asked.filter((_, i) => reached[i] !== undefined && isLate(reached[i])) }
}

/** Searches downwards in growing steps, and then halves: who agrees on a block agrees on all below it. */
async function searchDown(
  high: number,
  low: number,
  agreedAt: (number: number) => Promise<Agreed | undefined>,
): Promise<Agreed | undefined> {
  let best = await agreedAt(high)
  let bad = high
  for (let step = 1; best === undefined && bad > low; step *= 2) {
    const number = Math.max(low, high - step)
    best = await agreedAt(number)
    if (best === undefined) bad = number
  }
  while (best !== undefined && bad - best.number > 1) {
    const middle = Math.floor((best.number + bad) / 2)
    const found = await agreedAt(middle)
    if (found) best = found
    else bad = middle
  }
  return best
}
