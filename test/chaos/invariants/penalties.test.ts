import { MINER, RIVAL, word } from './healthy-facts.ts'
import { unpunishedAndPaid } from './penalties.ts'
import { checkInvariant, first, type Spoilt } from './spoilt-facts.ts'

checkInvariant('unpunishedAndPaid', unpunishedAndPaid, [
  {
    why: 'a round with our hash expired, though nobody has settled it',
    spoil: expire,
    says: /penalty of our making.*block 10/,
  },
  {
    why: 'the window was ours for less than half of the time',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [{ takes: 'provers', fromBlock: 100, toBlock: 300 }]
    },
    says: null,
  },
  {
    why: 'provers were away for less than half of the window',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [{ takes: 'provers', fromBlock: 200, toBlock: 300 }]
    },
    says: /penalty of our making/,
  },
  {
    why: 'the data of the sequence was replaced',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 2_000, fromBlock: 12, toBlock: 20 },
      ]
    },
    says: null,
  },
  {
    why: 'its data was replaced long before, and another reorg had the hash of the old data land only now',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 2_000, fromBlock: 1, toBlock: 5 },
      ]
    },
    says: null,
  },
  {
    why: 'its data was replaced long before the hash was signed',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 900, fromBlock: 1, toBlock: 5 },
      ]
    },
    says: /penalty of our making/,
  },
  {
    why: 'a reorg took our proof away in the last block of its window, 258',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.replaced = [{ hash: word(20), block: 20, head: 258 }]
    },
    says: null,
  },
  {
    why: 'a reorg took our proof away while there was time to send it again',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.replaced = [{ hash: word(20), block: 20, head: 257 }]
    },
    says: /penalty of our making/,
  },
  {
    why: 'a reorg took another transaction of ours away after the window',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.replaced = [{ hash: word(10), block: 20, head: 300 }]
    },
    says: /penalty of our making/,
  },
  ...[
    {
      why: 'a reorg took away a proof of others that ours was built on, too late for a round of its own',
      says: null,
    },
    { why: 'that sequence was verified in time for ours', roundOfIt: 200, says: /penalty of our making/ },
    {
      why: 'the proof of others was of a sequence after ours',
      proves: { rollup: 'r', to: 9 },
      says: /penalty of our making/,
    },
    { why: 'it was another rollup’s', proves: { rollup: 's', to: 2 }, says: /penalty of our making/ },
    { why: 'it was taken away after our window', head: 259, says: /penalty of our making/ },
    { why: 'our hash went out after it was taken away', head: 9, says: /penalty of our making/ },
  ].map(({ why, says, roundOfIt = 251, proves = { rollup: 'r', to: 2 }, head = 30 }) => ({
    why,
    says,
    spoil: (spoilt: Spoilt) => {
      expire(spoilt)
      moveBehind(spoilt, roundOfIt)
      spoilt.facts.replaced = [{ hash: word(77), block: 5, head, proves }]
    },
  })),
  {
    why: 'the data of a later sequence was replaced',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 3, atMs: 2_000, fromBlock: 12, toBlock: 20 },
      ]
    },
    says: /penalty of our making/,
  },
  {
    why: 'the data of another rollup was replaced',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.facts.disturbances = [
        { takes: 'posted-data', rollup: 's', fromBatch: 1, atMs: 2_000, fromBlock: 12, toBlock: 20 },
      ]
    },
    says: /penalty of our making/,
  },
  {
    why: 'an emergency made the round void',
    spoil: (spoilt) => {
      expire(spoilt)
      spoilt.rollup.emergencies = [50]
    },
    says: null,
  },
  {
    why: 'the contract took a penalty that the events do not explain',
    spoil: ({ rollup }) => Object.assign(first(rollup.settled), { penaltyWei: 9n }),
    says: /penalty for batch 2 of r/,
  },
  {
    why: 'an accepted proof was not paid',
    spoil: ({ rollup }) => Object.assign(first(rollup.settled), { rewardWei: 0n }),
    says: /no reward for batch 2/,
  },
  {
    why: 'a share was never claimed',
    spoil: ({ rollup }) => Object.assign(first(rollup.stakes), { claimableWei: 5n }),
    says: /never claimed/,
  },
])

/** Has the round expire: nobody has proved. */
function expire({ rollup, database, account, facts }: Spoilt): void {
  rollup.accepted = []
  rollup.settled = []
  rollup.sequences = []
  database.sequences = []
  account.transactions = account.transactions.slice(0, 2)
  facts.posted = []
}

/** Makes the expired sequence 3-4, behind a sequence 1-2 that others verified in a round of this block. */
function moveBehind({ rollup }: Spoilt, startBlock: number): void {
  rollup.commits = rollup.commits.filter(({ miner }) => miner === MINER).map((one) => ({ ...one, to: 4 }))
  rollup.rounds = [...rollup.rounds.map((one) => ({ ...one, to: 4 })), { ...first(rollup.rounds), to: 2, startBlock }]
  rollup.sequences = [
    { from: 1, to: 2, isVerified: true },
    { from: 3, to: 4, isVerified: false },
  ]
  rollup.accepted = [{ to: 2, miner: RIVAL, roundStartBlock: startBlock }]
}
