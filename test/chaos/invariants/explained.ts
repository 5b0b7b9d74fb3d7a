import type { Address } from 'viem'
import type { Facts, WorkflowFacts } from './facts.ts'
import { type Invariant, isSame, nameOf, replacements, sequenceRows } from './judge.ts'

/**
 * 6: nothing is stuck. Every posted sequence has ended; every open workflow says what it waits for, and none fails over
 * and over.
 */
export const everythingExplained: Invariant = (facts) => [
  ...notEnded(facts),
  ...facts.workflows.flatMap(unexplained),
  ...staleNonces(facts),
]

/**
 * 8: what any workflow did, its code would do again. One that is only lost when it is replayed looks healthy until the
 * aggregator is started again.
 */
export const everyHistoryReplays: Invariant = ({ unreplayable }) =>
  unreplayable.map(({ workflowId, why }) => `the history of workflow ${workflowId} can't be replayed: ${why}`)

/**
 * Blocks on a final one after which a mined transaction is past and done: a skip of blocks that nobody has seen yet.
 */
const UNSEEN_BLOCKS = 56

/** Executions that end other than by themselves have lost something. */
const BAD_ENDS = ['FAILED', 'TERMINATED', 'TIMED_OUT']

/**
 * Words of a failure. What failed is looked at again after seconds, so an answer that still shows one when all is well
 * again is stale, or something is broken for good.
 */
const FAILURE =
  /\b(error|failed|failure|exception|not reachable|no usable answer|timed out|timeout|too long|refused|undefined|ECONN\w+|null)\b/i

const notEnded: Invariant = (facts) =>
  facts.posted.flatMap(({ rollup, from, to }) => {
    const name = nameOf(rollup, from, to)
    const row = sequenceRows(facts).find((one) => one.rollup === rollup && one.from === from && one.to === to)
    if (row === undefined) return replacements(facts, { rollup, to }).length > 0 ? [] : [`${name} have no row`]
    if (row.outcome === null && wasOver(facts, row)) return []
    if (row.outcome === null) return [`${name} are stuck in phase ${row.phase}: ${row.text}`]
    const isLeft = facts.workflows.some(
      ({ id, status }) => id === `sequence/${rollup}/${from}-${to}` && status === 'RUNNING',
    )
    return isLeft ? [`${name} have ended, and their workflow still runs`] : []
  })

/**
 * Tells whether a sequence was verified and nothing was left to be done when the database was emptied. Then it gets no
 * row any more.
 */
function wasOver(
  { databases, rollups }: Facts,
  { rollup, from, to }: { rollup: string; from: number; to: number },
): boolean {
  const isPresent = databases
    .at(-1)
    ?.sequences.some((one) => one.rollup === rollup && one.from === from && one.to === to)
  const onChain = rollups
    .find(({ name }) => name === rollup)
    ?.sequences.find((one) => one.from === from && one.to === to)
  return !isPresent && onChain?.isVerified === true
}

export function unexplained({ id, status, answer, failing }: WorkflowFacts): string[] {
  if (BAD_ENDS.includes(status)) return [`workflow ${id} has ended as ${status}`]
  if (status !== 'RUNNING') return []
  const said = failing.map((what) => `workflow ${id} is stuck: ${what}`)
  if (answer === null) return [...said, `workflow ${id} doesn't answer its Query`]
  if (!/[a-z]{3}/i.test(answer)) return [...said, `workflow ${id} says nothing of what it waits for`]
  return FAILURE.test(answer) ? [...said, `workflow ${id} shows a failure although all is well: ${answer}`] : said
}

/**
 * Finds senders that still speak of a transaction which was mined long ago, and so don't say what they wait for now.
 */
const staleNonces: Invariant = ({ workflows, accounts, rollups, finalityBlocks }) =>
  accounts.flatMap(({ address, transactions }) => {
    const sender = workflows.find(
      ({ id, status }) =>
        id.startsWith('sender/') && isSame(id.split('/').at(-1) as Address, address) && status === 'RUNNING',
    )
    const spoken = [...(sender?.answer ?? '').matchAll(/\bnonce (\d+)/g)].map(([, nonce]) => Number(nonce))
    const head = Math.max(...rollups.map((one) => one.head))
    return transactions
      .filter(({ nonce, block }) => spoken.includes(nonce) && block < head - finalityBlocks - UNSEEN_BLOCKS)
      .map(
        ({ nonce, block }) =>
          `workflow ${sender?.id} still waits for nonce ${nonce}, mined in block ${block} of ${head}`,
      )
  })
