import { RIVAL } from './healthy-facts.ts'
import { settledEverywhere } from './settled.ts'
import { checkInvariant, first } from './spoilt-facts.ts'

checkInvariant('settledEverywhere', settledEverywhere, [
  {
    why: 'a sequence is not verified',
    spoil: ({ rollup }) => Object.assign(first(rollup.sequences), { isVerified: false }),
    says: /batches 1-2 of r are not verified/,
  },
  { why: 'a sequence has vanished', spoil: ({ rollup }) => rollup.sequences.pop(), says: /no longer posted/ },
  {
    why: 'our hash stands in the verified round and our proof was never accepted',
    spoil: ({ rollup, database }) => {
      rollup.accepted = rollup.accepted.filter(({ miner }) => miner === RIVAL)
      database.sequences = []
    },
    says: /our hash of batches 1-2 of r stands without our accepted proof/,
  },
  {
    why: 'an operator is told that we proved, and we did not',
    spoil: ({ rollup }) => {
      rollup.accepted = rollup.accepted.filter(({ miner }) => miner === RIVAL)
      rollup.commits = rollup.commits.filter(({ miner }) => miner === RIVAL)
    },
    says: /ended as proved, and no proof of ours/,
  },
  {
    why: 'an operator is told that others proved, and we did',
    spoil: ({ database }) => Object.assign(first(database.sequences), { outcome: 'proved-by-others' }),
    says: /ended as proved-by-others, and our proof was accepted/,
  },
])
