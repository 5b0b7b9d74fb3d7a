import type { Facts } from './facts.ts'
import {
  type Invariant,
  isExcused,
  isSame,
  lastBlock,
  nameOf,
  type OwnCommit,
  ownCommits,
  sequenceRows,
} from './judge.ts'

/**
 * 3: the miner has no penalty that the plan didn't cause, settled or still to come, and whoever's proof was accepted is
 * paid.
 */
export const unpunishedAndPaid: Invariant = (facts) => [...penalties(facts), ...fines(facts), ...unpaid(facts)]

/** Finds penalties, with those that nobody has settled yet: the stake is lost when the round expires. */
const penalties: Invariant = (facts) => {
  const lost = expiredCommits(facts)
  const ours = lost.filter((one) => !isExcused(facts, one))
  const said = ours.map(
    ({ rollup, from, to, round }) =>
      `penalty of our making: the round of block ${round.startBlock} for ${nameOf(rollup.name, from, to)} expired`,
  )
  const settled = facts.rollups.flatMap((rollup) =>
    rollup.settled
      .filter(({ miner, penaltyWei }) => isSame(miner, rollup.miner) && penaltyWei > 0n)
      .map(({ to }) => ({ rollup, to })),
  )
  const unexplained = settled.filter(({ rollup, to }) => !lost.some((one) => one.rollup === rollup && one.to === to))
  return [
    ...said,
    ...unexplained.map(
      ({ rollup, to }) => `penalty for batch ${to} of ${rollup.name}, and no round of ours has expired`,
    ),
  ]
}

/**
 * Finds what a contract of 2023 took from us without reason. It may take one fine for each hash of ours whose proof the
 * plan itself kept back, or whose round has expired, which is told above. A fine comes with any later call of ours and
 * names no hash. For a wrong proof none is due, unless the data that it was made of was replaced while it was on its
 * way. None is due twice, because the contract fines the same bytes each time.
 */
const fines: Invariant = (facts) =>
  facts.rollups.flatMap((rollup) => {
    const ours = rollup.fines.filter(({ miner }) => isSame(miner, rollup.miner))
    const due = ownCommits(facts).filter(
      (one) => one.rollup === rollup && (one.isDecided ? isExcused(facts, one) : hasExpired(one)),
    )
    const wrong = ours.filter(
      ({ isOfWrongProof, block }) => isOfWrongProof && !wasReplaced(facts, { rollup: rollup.name, block }),
    )
    const hashes = ownCommits(facts).filter((one) => one.rollup === rollup)
    const missing = ours.filter(({ isOfWrongProof }) => !isOfWrongProof).slice(due.length)
    return [
      ...wrong.map(({ wei, block }) => `a wrong proof of ours cost ${wei} wei of ${rollup.name} in block ${block}`),
      ...(wrong.length > hashes.length
        ? [`${wrong.length} fines for wrong proofs of ${rollup.name}, more than hashes of ours (${hashes.length})`]
        : []),
      ...missing.map(
        ({ wei, block }) =>
          `a fine of ${wei} wei of ${rollup.name} in block ${block}, and no hash of ours that lacked its proof`,
      ),
    ]
  })

const wasReplaced = ({ disturbances }: Facts, { rollup, block }: { rollup: string; block: number }): boolean =>
  disturbances.some((one) => one.takes === 'posted-data' && one.rollup === rollup && one.fromBlock <= block)

/**
 * Lists hashes of ours whose round expired unverified: the contract takes a penalty for each, now or when somebody
 * settles it.
 */
export const expiredCommits = (facts: Facts): OwnCommit[] =>
  ownCommits(facts).filter((one) => !one.isDecided && hasExpired(one))

const hasExpired = ({ isVoid, round, rollup }: OwnCommit): boolean => !isVoid && lastBlock(round) < rollup.head

const unpaid: Invariant = (facts) =>
  facts.rollups.flatMap((rollup) => {
    const ended = sequenceRows(facts).filter((one) => one.rollup === rollup.name && one.outcome !== null)
    const hasEnded = (to: number) => ended.some((one) => one.to === to)
    const proved = rollup.accepted.filter(({ miner }) => isSame(miner, rollup.miner))
    const settled = rollup.settled.filter(({ miner }) => isSame(miner, rollup.miner))
    const own = rollup.stakes.find(({ miner }) => isSame(miner, rollup.miner))
    return [
      ...proved
        .filter(({ to }) => hasEnded(to) && !settled.some((one) => one.to === to && one.rewardWei > 0n))
        .map(({ to }) => `no reward for batch ${to} of ${rollup.name}, and our proof was accepted`),
      ...(own !== undefined && own.claimableWei > 0n && proved.every(({ to }) => hasEnded(to))
        ? [`${own.claimableWei} wei of ${rollup.name} were never claimed`]
        : []),
    ]
  })
