import type { Hex } from 'viem'
import type { AttemptFacts, Facts } from './facts.ts'
import { type Invariant, isSame } from './judge.ts'

/** 4: one proof is accepted, there is no nonce gap, and nothing is on chain or on its way that wasn't stored before. */
export const transactionsKnown: Invariant = (facts) => [
  ...acceptedTwice(facts),
  ...unknown(facts),
  ...sentBeforeStored(facts),
  ...gaps(facts),
  ...signedTwice(facts),
]

/** Milliseconds by which clocks that are read in turn may differ: Postgres rounds. */
const CLOCK_MS = 1

const acceptedTwice: Invariant = ({ rollups }) =>
  rollups.flatMap(({ name, accepted }) =>
    accepted.flatMap(({ to, miner }, i) => {
      const isFirst = accepted.findIndex((one) => one.to === to && isSame(one.miner, miner)) === i
      return isFirst ? [] : [`two proofs of batch ${to} of ${name} by ${miner} were accepted`]
    }),
  )

/** Lists rows of all lives of the database; a row that outlived an emptying appears once. */
const attemptsOf = ({ databases }: Facts): AttemptFacts[] => {
  const rows = databases.flatMap(({ attempts }) => attempts)
  return rows.filter((row, i) => rows.findIndex((one) => one.txHash === row.txHash) === i)
}

const unknown: Invariant = (facts) => {
  const stored = attemptsOf(facts)
  return facts.accounts.flatMap(({ transactions }) =>
    transactions
      .filter(({ isStake }) => !isStake)
      .flatMap(({ hash, raw, nonce }) => {
        const row = stored.find(({ txHash }) => txHash === hash)
        if (row === undefined) return [`transaction ${hash} of our account (nonce ${nonce}) has no stored attempt`]
        return row.raw === raw ? [] : [`transaction ${hash} of our account has other bytes than its stored attempt`]
      }),
  )
}

const sentBeforeStored: Invariant = (facts) => {
  const stored = attemptsOf(facts)
  return facts.sent.flatMap(({ hash, atMs }) => {
    const row = stored.find(({ txHash }) => txHash === hash)
    if (row === undefined) return [`transaction ${hash} was sent and is stored nowhere`]
    return atMs < row.storedAtMs - CLOCK_MS
      ? [`transaction ${hash} was sent ${row.storedAtMs - atMs} ms before it was stored`]
      : []
  })
}

/** Finds gaps: nonces of ours are all mined, or wait one after the other from the first unmined one on. */
const gaps: Invariant = (facts) =>
  facts.accounts.flatMap(({ address, nonce, poolNonce }) => {
    const stored = attemptsOf(facts).filter(({ account, isBroadcast }) => isSame(account, address) && isBroadcast)
    const waiting = [...new Set(stored.map((one) => one.nonce))].filter((one) => one >= nonce).sort((a, b) => a - b)
    return [
      ...waiting.flatMap((one, i) =>
        one === nonce + i ? [] : [`nonce ${one} of ${address} was sent, the chain is at ${nonce}: a gap`],
      ),
      ...(poolNonce < nonce ? [`the pool of ${address} is at nonce ${poolNonce}, the chain at ${nonce}`] : []),
    ]
  })

/**
 * Finds what was signed twice: while the first attempt could still be mined, no second nonce may be signed for its
 * purpose.
 */
const signedTwice: Invariant = (facts) => {
  const stored = attemptsOf(facts)
  const mined = facts.accounts.flatMap(({ transactions }) =>
    transactions.flatMap((one) =>
      stored.filter(({ txHash }) => txHash === one.hash).map((row) => ({ ...row, ...one })),
    ),
  )
  return mined.flatMap((first) =>
    mined
      .filter(
        (next) =>
          next.intent !== null &&
          next.intent === first.intent &&
          next.account === first.account &&
          next.nonce > first.nonce,
      )
      .filter(
        (next) => first.status === 'success' && next.sentAtBlock !== null && isOnItsWay(facts, first, next.sentAtBlock),
      )
      .map(
        (next) => `"${first.intent}" was signed again as nonce ${next.nonce} while nonce ${first.nonce} was on its way`,
      ),
  )
}

/**
 * Tells whether it was in no block when the head had this number: not yet in its own, and in none that a reorg replaced
 * later.
 */
const isOnItsWay = ({ replaced }: Facts, { txHash, block }: { txHash: Hex; block: number }, head: number): boolean =>
  head < block && !replaced.some((one) => one.hash === txHash && one.block <= head && head <= one.head)
