import { expect, test } from 'vitest'
import type { Facts, RollupFacts } from './facts.ts'
import { healthyFactsOf2023, MINER, RIVAL } from './healthy-facts.ts'
import type { Invariant } from './judge.ts'
import { unpunishedAndPaid } from './penalties.ts'
import { settledEverywhere } from './settled.ts'
import { transactionsKnown } from './transactions.ts'
import { everyWeiAccounted } from './wei.ts'

// The facts are as they are read of a contract of 2023. What holds for both generations is tried beside each invariant.

test.each(Object.entries({ settledEverywhere, unpunishedAndPaid, transactionsKnown, everyWeiAccounted }))(
  '%s holds when all is well',
  (_, judge) => {
    expect(judge(healthyFactsOf2023())).toEqual([])
  },
)

test.each<{ why: string; judge: Invariant; spoil: (rollup: RollupFacts, facts: Facts) => void; says: RegExp[] }>([
  {
    why: 'a late proof is owed without end, however long ago the window ended',
    judge: settledEverywhere,
    spoil: (rollup, facts) => {
      rollup.accepted = rollup.accepted.filter(({ miner }) => miner === RIVAL)
      for (const { sequences } of facts.databases) sequences.length = 0
    },
    says: [/our hash of batches 1-2 of r stands without our accepted proof/],
  },
  {
    why: 'a fine for a hash whose proof was accepted in time',
    judge: unpunishedAndPaid,
    spoil: (rollup) => rollup.fines.push(fine()),
    says: [/a fine of 7 wei of r in block 300, and no hash of ours that lacked its proof/],
  },
  {
    why: "a rival's fine is none of ours",
    judge: unpunishedAndPaid,
    spoil: (rollup) => rollup.fines.push({ ...fine(), miner: RIVAL, isOfWrongProof: true }),
    says: [],
  },
  {
    why: 'a fine for a hash whose proof the plan kept back is not of our making',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      rollup.fines.push(fine())
      facts.disturbances = [{ takes: 'provers', fromBlock: 20, toBlock: 300 }]
    },
    says: [],
  },
  {
    why: 'a second fine for the same hash is',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      rollup.fines.push(fine(), { ...fine(), block: 310 })
      facts.disturbances = [{ takes: 'provers', fromBlock: 20, toBlock: 300 }]
    },
    says: [/a fine of 7 wei of r in block 310/],
  },
  {
    why: 'a round of ours expired: the fine that it cost is told once',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      expire(rollup, facts)
      rollup.fines.push(fine())
    },
    says: [/penalty of our making: the round of block 10/],
  },
  {
    why: 'a round is open: no fine is due yet',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      expire(rollup, facts)
      rollup.head = 250
      rollup.fines.push({ ...fine(), block: 200 })
    },
    says: [/a fine of 7 wei of r in block 200/],
  },
  {
    why: 'a wrong proof, though a round of ours expired, too',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      expire(rollup, facts)
      rollup.fines.push({ ...fine(), isOfWrongProof: true })
    },
    says: [/penalty of our making/, /a wrong proof of ours cost 7 wei of r in block 300/],
  },
  {
    why: 'the same wrong proof again, which is told once more',
    judge: unpunishedAndPaid,
    spoil: (rollup) => {
      rollup.fines.push({ ...fine(), isOfWrongProof: true }, { ...fine(), block: 301, isOfWrongProof: true })
    },
    says: [
      /a wrong proof of ours .* in block 300/,
      /a wrong proof of ours .* in block 301/,
      /2 fines for wrong proofs of r, more than hashes of ours \(1\)/,
    ],
  },
  {
    why: 'a proof whose data was replaced while it was on its way',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      rollup.fines.push({ ...fine(), isOfWrongProof: true })
      facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 5_000, fromBlock: 290, toBlock: 320 },
      ]
    },
    says: [],
  },
  {
    why: 'a wrong proof before any data was replaced',
    judge: unpunishedAndPaid,
    spoil: (rollup, facts) => {
      rollup.fines.push({ ...fine(), isOfWrongProof: true })
      facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 5_000, fromBlock: 301, toBlock: 320 },
      ]
    },
    says: [/a wrong proof of ours cost 7 wei/],
  },
  {
    why: 'an accepted proof was paid nothing',
    judge: unpunishedAndPaid,
    spoil: (rollup) => {
      rollup.settled = rollup.settled.map((one) => ({ ...one, rewardWei: 0n }))
    },
    says: [/no reward for batch 2 of r/],
  },
  {
    why: 'two proofs were paid',
    judge: transactionsKnown,
    spoil: (rollup) => rollup.accepted.push({ to: 2, miner: MINER, roundStartBlock: 10 }),
    says: [/two proofs of batch 2 of r/],
  },
  {
    why: "a miner's stake is less than what came and was not fined",
    judge: everyWeiAccounted,
    spoil: (rollup) => Object.assign(rollup.stakes[0] ?? {}, { totalWei: 93n }),
    says: [/miners have 193 wei unlocked, the bucket says 200/],
  },
  {
    why: 'what was fined is not in the contracts any more',
    judge: everyWeiAccounted,
    spoil: (rollup) => Object.assign(rollup.buckets, { fined: 7n }),
    says: [/the buckets hold 1107 wei, the balance is 1100/],
  },
])('$why', ({ judge, spoil, says }) => {
  const facts = healthyFactsOf2023()
  const [rollup] = facts.rollups
  if (rollup === undefined) throw new Error('unreachable: there is one')
  spoil(rollup, facts)
  expect(judge(facts)).toEqual(says.map((pattern) => expect.stringMatching(pattern)))
})

const fine = () => ({ miner: MINER, wei: 7n, block: 300, isOfWrongProof: false })

/** Has the round of our hash expire: nobody has proved in it. */
function expire(rollup: RollupFacts, facts: Facts): void {
  rollup.accepted = []
  rollup.settled = []
  for (const { sequences } of facts.databases) sequences.length = 0
}
