import { type Invariant, isExcused, isSame, nameOf, ownCommits, replacements, sequenceRows } from './judge.ts'

/** 1: every sequence is verified, and our proof accepted wherever our hash stands; the books agree with the chain. */
export const settledEverywhere: Invariant = (facts) => [
  ...unverified(facts),
  ...owedProofs(facts),
  ...wrongOutcomes(facts),
]

const unverified: Invariant = ({ rollups, posted, disturbances }) => {
  const onChain = rollups.flatMap(({ name, sequences }) => sequences.map((one) => ({ ...one, rollup: name })))
  const missing = posted
    .filter(
      (one) => !onChain.some(({ rollup, from, to }) => rollup === one.rollup && from === one.from && to === one.to),
    )
    .filter((one) => replacements({ disturbances }, one).length === 0)
  return [
    ...onChain.flatMap(({ rollup, from, to, isVerified }) =>
      isVerified ? [] : [`${nameOf(rollup, from, to)} are not verified`],
    ),
    ...missing.map(({ rollup, from, to }) => `${nameOf(rollup, from, to)} are no longer posted`),
  ]
}

const owedProofs: Invariant = (facts) =>
  ownCommits(facts)
    .filter((commit) => commit.isDecided && !commit.isProved && !isExcused(facts, commit))
    .map(({ rollup, from, to }) => `our hash of ${nameOf(rollup.name, from, to)} stands without our accepted proof`)

/** Finds sequences of which an operator is told otherwise than whether our proof was accepted. */
const wrongOutcomes: Invariant = (facts) =>
  sequenceRows(facts).flatMap(({ rollup: name, from, to, outcome }) => {
    const rollup = facts.rollups.find((one) => one.name === name)
    const isProved = rollup?.accepted.some((one) => one.to === to && isSame(one.miner, rollup.miner)) ?? false
    if (outcome === 'proved' && !isProved)
      return [`${nameOf(name, from, to)} ended as proved, and no proof of ours was accepted`]
    const isDenied =
      isProved && (outcome === 'proved-by-others' || outcome === 'late-deadline-missed' || outcome === 'cancelled')
    return isDenied ? [`${nameOf(name, from, to)} ended as ${outcome}, and our proof was accepted`] : []
  })
