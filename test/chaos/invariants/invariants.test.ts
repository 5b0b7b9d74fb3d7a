import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { environmentsOf } from './environments.ts'
import { everyHistoryReplays, everythingExplained } from './explained.ts'
import type { Facts } from './facts.ts'
import { healthyFacts, MINER, RIVAL, word } from './healthy-facts.ts'
import type { Invariant } from './judge.ts'
import { unpunishedAndPaid } from './penalties.ts'
import { proofsKept } from './proofs.ts'
import { madeProofs } from './read-files.ts'
import { secretsFound } from './secrets.ts'
import { settledEverywhere } from './settled.ts'
import { transactionsKnown } from './transactions.ts'
import { everyWeiAccounted } from './wei.ts'

const INVARIANTS = {
  ...{ settledEverywhere, proofsKept, unpunishedAndPaid, transactionsKnown, everyWeiAccounted, everythingExplained },
  everyHistoryReplays,
}

/** What a run would have to look like for an invariant to be broken. `says: null`: it must not be taken for broken. */
interface Broken {
  why: string
  spoil: (facts: Spoilt) => void
  says: RegExp | null
}

describe.each(Object.entries(INVARIANTS))('%s', (name, judge) => {
  test('holds when all is well', () => expect(judge(healthyFacts())).toEqual([]))

  test.each(BROKEN()[name as keyof typeof INVARIANTS])('$why', ({ spoil, says }) => expectVerdict(judge, spoil, says))
})

test('a secret is found in whatever form it stands, and named without being repeated', () => {
  const secrets = { password: 'canary-0123456789' }
  const inBase64 = Buffer.from(`{"url":"x","password":"${secrets.password}"}`).toString('base64')
  expect(secretsFound([{ name: 'a log', text: 'nothing here' }], secrets)).toEqual([])
  expect(secretsFound([{ name: 'a log', text: `url=${secrets.password}/` }], secrets)).toEqual([
    'a log holds the password',
  ])
  expect(secretsFound([{ name: 'a history', text: `"data":"${inBase64}"` }], secrets)).toEqual([
    'a history holds the password',
  ])
  expect(secretsFound([{ name: 'a table', text: 'CANARY-0123456789' }], secrets)).toEqual([
    'a table holds the password',
  ])
})

test("a prover's environment holds its own login and nothing else", () => {
  const secrets = {
    'key in MINER': '59c6995e998f97a5',
    "password of the provers' login": 'own-0123',
    'password of the database': 'admin-0123',
  }
  const told = (text: string) =>
    secretsFound([{ name: 'environment of p', text, mayHold: ["password of the provers' login"] }], secrets)
  expect(told('PATH=/bin\0URL=postgres://p:own-0123@h/d\0')).toEqual([])
  expect(told('URL=postgres://o:admin-0123@h/d\0')).toEqual(['environment of p holds the password of the database'])
  expect(told('URL=postgres://p:own-0123@h/d\0MINER=0x59c6995e998f97a5\0')).toEqual([
    'environment of p holds the key in MINER',
  ])
})

test.runIf(process.platform === 'linux')('what a process has spawned is looked at, too', async () => {
  const grandchild = `spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { stdio: 'inherit', env: { LEAK: 'canary-77' } })`
  const child = spawn(process.execPath, ['-e', `require('node:child_process').${grandchild}`], {
    env: { FINE: '1' },
    detached: true,
  })
  onTestFinished(() => void process.kill(-Number(child.pid), 'SIGKILL'))
  await once(child.stdout, 'data') // the grandchild runs
  const places = await environmentsOf('p', child.pid)
  expect(places.map(({ text }) => text.includes('FINE=1'))).toEqual([true, false])
  expect(secretsFound(places, { secret: 'canary-77' })).toEqual([`${places[1]?.name} holds the secret`])
})

test("a prover's log tells which proofs its process lived on to store", () => {
  const line = (time: number, msg: string) => JSON.stringify({ time, name: 'p', workflowId: 'sequence/r/1-2', msg })
  const made = (task: number) => `made batch 1 of r in 300 ms, task ${word(task)}`
  const log = [
    line(1, 'prover is ready'),
    line(500, made(1)),
    line(900, made(2)),
    'no JSON',
    line(950, 'prover is ready'),
    line(2_000, made(3)),
  ]
  const told = madeProofs(log.join('\n'))
  expect(told.map(({ taskId, livedOn }) => [taskId, livedOn])).toEqual([
    [word(1), true], // it made another
    [word(2), false], // it was killed, perhaps before it could store it
    [word(3), true], // it runs
  ])
  expect(told[0]).toMatchObject({ prover: 'p', workflowId: 'sequence/r/1-2', atMs: 500, beganAtMs: 200 })
})

// Helpers

function expectVerdict(judge: Invariant, spoil: Broken['spoil'], says: RegExp | null): void {
  const facts = healthyFacts()
  spoil(whole(facts))
  const found = judge(facts)
  if (says === null) expect(found).toEqual([])
  else expect(found).toEqual([expect.stringMatching(says)])
}

/** The first of everything, so that spoiling needs no checks. */
interface Spoilt {
  facts: Facts
  rollup: Facts['rollups'][number]
  account: Facts['accounts'][number]
  database: Facts['databases'][number]
}

function whole(facts: Facts): Spoilt {
  const [rollup, account, database] = [facts.rollups[0], facts.accounts[0], facts.databases[0]]
  if (rollup === undefined || account === undefined || database === undefined)
    throw new Error('unreachable: there is one of each')
  return { facts, rollup, account, database }
}

/** The round expires: nobody has proved. */
function expire({ rollup, database, account, facts }: Spoilt): void {
  rollup.accepted = []
  rollup.settled = []
  rollup.sequences = []
  database.sequences = []
  account.transactions = account.transactions.slice(0, 2)
  facts.posted = []
}

/** The sequence that expired is 3-4 now, and 1-2 before it is verified by others in a round of this block. */
function moveBehind({ rollup }: Spoilt, startBlock: number): void {
  rollup.commits = rollup.commits.filter(({ miner }) => miner === MINER).map((one) => ({ ...one, to: 4 }))
  rollup.rounds = [...rollup.rounds.map((one) => ({ ...one, to: 4 })), { ...first(rollup.rounds), to: 2, startBlock }]
  rollup.sequences = [{ from: 1, to: 2, isVerified: true }, { from: 3, to: 4, isVerified: false }] // biome-ignore format: a row
  rollup.accepted = [{ to: 2, miner: RIVAL, roundStartBlock: startBlock }]
}

/** Another rollup of the same account, which has paid it 7 wei. */
function share({ facts, rollup, account }: Spoilt, { arrivedWei }: { arrivedWei: bigint }): void {
  const none = { sequences: [], rounds: [], commits: [], accepted: [], settled: [] }
  facts.rollups.push({ ...rollup, ...none, name: 's', paid: [{ miner: MINER, wei: 7n }] })
  account.balanceWei += arrivedWei
}

const first = <T>(all: readonly T[]): T => {
  if (all[0] === undefined) throw new Error('unreachable: there is one')
  return all[0]
}

const last = <T>(all: readonly T[]): T => first([...all].reverse())

function BROKEN(): Record<keyof typeof INVARIANTS, Broken[]> {
  return {
    settledEverywhere: [
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
    ],
    unpunishedAndPaid: [
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
    ],
    proofsKept: [
      {
        why: 'the archive lost a final proof',
        spoil: ({ facts }) => Object.assign(first(facts.archive), { isWhole: false }),
        says: /lost from the archive/,
      },
      {
        why: 'the database lost a final proof',
        spoil: ({ database }) => Object.assign(last(database.proofs), { isWhole: false }),
        says: /lost from the database/,
      },
      {
        why: 'no store has the proof that our hash promises',
        spoil: ({ rollup }) => Object.assign(first(rollup.commits), { proofHash: word(99) }),
        says: /the proof behind our hash of batches 1-2 of r is lost/,
      },
      {
        why: 'the hash was signed before the proof was in the archive',
        spoil: ({ facts }) => Object.assign(first(facts.archive), { savedAtMs: 1_100 }),
        says: /signed before its proof was in the archive/,
      },
      {
        why: 'the hash was signed before the proof was verified',
        spoil: ({ database }) => Object.assign(last(database.proofs), { verifiedAtMs: 1_100 }),
        says: /signed before its proof was verified/,
      },
      {
        why: 'a proof is noted as verified that the contract refuses',
        spoil: ({ database }) => Object.assign(last(database.proofs), { isAccepted: false }),
        says: /the contract's verifier refuses it/,
      },
      {
        why: 'a finished proof was never stored',
        spoil: ({ database }) => {
          database.uploads = database.uploads.slice(1)
        },
        says: /was finished by p and is lost/,
      },
      {
        why: 'a prover was killed before it could store its proof',
        spoil: ({ facts, database }) => {
          database.uploads = database.uploads.slice(1)
          Object.assign(first(facts.made), { livedOn: false })
        },
        says: null,
      },
      {
        why: 'a finished proof was dropped because others had proved the sequence',
        spoil: ({ database }) => {
          database.uploads = database.uploads.slice(1)
          Object.assign(first(database.sequences), { outcome: 'proved-by-others' })
        },
        says: null,
      },
      {
        why: 'an uploaded proof was never looked at',
        spoil: ({ database }) => {
          database.proofs = database.proofs.slice(1)
        },
        says: /uploaded by p and never used/,
      },
      {
        why: 'an uploaded proof was of data that a reorg replaced',
        spoil: ({ facts, database }) => {
          database.proofs = database.proofs.slice(1)
          facts.disturbances = [
            { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 2_000, fromBlock: 12, toBlock: 20 },
          ]
        },
        says: null,
      },
      {
        why: 'a task was begun again although its proof was uploaded',
        spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 }),
        says: /was made twice/,
      },
      {
        why: 'a refused upload is made again',
        spoil: ({ facts, database }) => {
          Object.assign(first(database.uploads), { isRefused: true })
          database.proofs = database.proofs.slice(1)
          facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 })
        },
        says: null,
      },
      {
        why: 'a task was begun again when its proof had just been verified',
        spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 7_500, beganAtMs: 7_000 }),
        says: /was made twice/,
      },
      {
        why: 'a task was taken from the queue at the moment at which its proof was verified',
        spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 3_500, beganAtMs: 3_000 }),
        says: null,
      },
      {
        why: 'nobody had looked at the upload yet when the task was begun again',
        spoil: ({ facts, database }) => {
          first(database.proofs).verifiedAtMs = 60_000
          facts.made.push({ ...first(facts.made), atMs: 7_500, beganAtMs: 7_000 })
        },
        says: null,
      },
      {
        why: 'what the emptied database had is made again',
        spoil: ({ facts, database }) => {
          facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 })
          facts.databases.unshift({ ...database, readAtMs: 37_000 })
          database.uploads = database.uploads.map((one) => ({ ...one, uploadedAtMs: 39_600 }))
        },
        says: null,
      },
      {
        why: 'an archived final proof is made again after the database was emptied',
        spoil: ({ facts, database }) => {
          facts.made.push({ ...last(facts.made), atMs: 39_500, beganAtMs: 39_000 })
          facts.databases.unshift({ ...database, readAtMs: 37_000 })
          database.uploads = database.uploads.map((one) => ({ ...one, uploadedAtMs: 39_600 }))
        },
        says: /was made twice/,
      },
    ],
    transactionsKnown: [
      {
        why: 'a second proof was accepted',
        spoil: ({ rollup }) => rollup.accepted.push({ to: 2, miner: MINER, roundStartBlock: 10 }),
        says: /two proofs of batch 2/,
      },
      {
        why: 'a transaction on chain was never stored',
        spoil: ({ facts, database }) => {
          database.attempts = database.attempts.slice(1)
          facts.sent = facts.sent.slice(1)
        },
        says: /nonce 1\) has no stored attempt/,
      },
      {
        why: 'the stored bytes are others',
        spoil: ({ database }) => Object.assign(first(database.attempts), { raw: word(77) }),
        says: /other bytes than its stored attempt/,
      },
      {
        why: 'a transaction was sent before it was stored',
        spoil: ({ facts }) => Object.assign(first(facts.sent), { atMs: 990 }),
        says: /sent 10 ms before/,
      },
      {
        why: 'a transaction was sent and never stored',
        spoil: ({ facts }) => Object.assign(first(facts.sent), { hash: word(78) }),
        says: /is stored nowhere/,
      },
      {
        why: 'a nonce was skipped',
        spoil: ({ database }) =>
          database.attempts.push({
            ...first(database.attempts),
            txHash: word(60),
            nonce: 5,
            intent: null,
            final: null,
          }),
        says: /nonce 5 of .* was sent, the chain is at 4: a gap/,
      },
      {
        why: 'a second transaction was signed while the first was on its way',
        spoil: ({ database }) => Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 }),
        says: /"commit r 2" was signed again as nonce 2/,
      },
      {
        why: 'a second transaction was signed while the first stood in a block that a reorg replaced later',
        spoil: ({ facts, database }) => {
          Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
          facts.replaced = [{ hash: word(10), block: 8, head: 9 }]
        },
        says: null,
      },
      {
        why: 'a second transaction was signed after a reorg had returned the first to the pool',
        spoil: ({ facts, database }) => {
          Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
          facts.replaced = [{ hash: word(10), block: 7, head: 8 }]
        },
        says: /"commit r 2" was signed again as nonce 2/,
      },
      {
        why: 'a second transaction was signed after the first had reverted',
        spoil: ({ database, account }) => {
          Object.assign(account.transactions[1] ?? {}, { status: 'reverted' })
          Object.assign(database.attempts[1] ?? {}, { intent: 'commit r 2', sentAtBlock: 9 })
        },
        says: null,
      },
    ],
    everyWeiAccounted: [
      {
        why: 'the contract has more than its buckets',
        spoil: ({ rollup }) => Object.assign(rollup, { balanceWei: 1_101n }),
        says: /buckets hold 1100 wei/,
      },
      {
        why: "a miner's lock is in no bucket",
        spoil: ({ rollup }) => Object.assign(first(rollup.stakes), { totalWei: 101n }),
        says: /201 wei unlocked/,
      },
      {
        why: 'an account has lost a wei',
        spoil: ({ account }) => Object.assign(account, { balanceWei: 945n }),
        says: /ought to have 946 wei and has 945/,
      },
      {
        why: 'an account serves two rollups: both have paid it',
        spoil: (spoilt) => share(spoilt, { arrivedWei: 7n }),
        says: null,
      },
      {
        why: 'an account serves two rollups, and what one of them paid is gone',
        spoil: (spoilt) => share(spoilt, { arrivedWei: 0n }),
        says: /ought to have 953 wei and has 946/,
      },
      {
        why: 'a receipt is noted otherwise than it is',
        spoil: ({ database }) => Object.assign(first(database.attempts).final ?? {}, { status: 'reverted' }),
        says: /noted otherwise than its receipt/,
      },
      {
        why: 'an attempt is noted as mined and is not on chain',
        spoil: ({ database }) => Object.assign(first(database.attempts), { txHash: word(61) }),
        says: /noted as mined and final, and isn't on chain/,
      },
    ],
    everyHistoryReplays: [
      {
        why: 'a history can not be replayed',
        spoil: ({ facts }) =>
          Object.assign(facts, { unreplayable: [{ workflowId: 'sequence/r/1-2', why: 'TMPRL1100' }] }),
        says: /the history of workflow sequence\/r\/1-2 can't be replayed: TMPRL1100/,
      },
    ],
    everythingExplained: [
      {
        why: 'a posted sequence was overlooked',
        spoil: ({ database }) => database.sequences.pop(),
        says: /have no row/,
      },
      {
        why: 'a sequence is stuck',
        spoil: ({ database }) =>
          Object.assign(first(database.sequences), { outcome: null, phase: 'submit', text: 'x' }),
        says: /stuck in phase submit: x/,
      },
      {
        why: 'it was over when the database was emptied, and has no row since',
        spoil: ({ facts, database }) => {
          const open = database.sequences.map((one) => ({ ...one, outcome: null }))
          facts.databases.unshift({ ...database, sequences: open, readAtMs: 37_000 })
          database.sequences = []
        },
        says: null,
      },
      {
        why: 'it was not verified yet when the database was emptied, and has no row since',
        spoil: ({ facts, database, rollup }) => {
          const open = database.sequences.map((one) => ({ ...one, outcome: null, phase: 'submit', text: 'x' }))
          facts.databases.unshift({ ...database, sequences: open, readAtMs: 37_000 })
          database.sequences = []
          Object.assign(first(rollup.sequences), { isVerified: false })
        },
        says: /stuck in phase submit: x/,
      },
      {
        why: 'a sequence has ended and its workflow runs on',
        spoil: ({ facts }) =>
          Object.assign(last(facts.workflows), { status: 'RUNNING', answer: 'the hash to be mined' }),
        says: /their workflow still runs/,
      },
      {
        why: 'a workflow has failed',
        spoil: ({ facts }) => Object.assign(first(facts.workflows), { status: 'FAILED' }),
        says: /has ended as FAILED/,
      },
      {
        why: 'a workflow answers nothing',
        spoil: ({ facts }) => Object.assign(first(facts.workflows), { answer: null }),
        says: /doesn't answer/,
      },
      {
        why: 'a workflow answers emptily',
        spoil: ({ facts }) => Object.assign(first(facts.workflows), { answer: '' }),
        says: /says nothing/,
      },
      {
        why: 'a workflow still shows what failed',
        spoil: ({ facts }) =>
          Object.assign(first(facts.workflows), { answer: 'Postgres was not reachable (ECONNREFUSED).' }),
        says: /shows a failure although all is well/,
      },
      {
        why: 'a sender still speaks of a transaction that was mined long ago',
        spoil: ({ facts }) =>
          Object.assign(facts.workflows[1] ?? {}, { answer: 'nonce 1: commit r 1-2, sent at block 9' }),
        says: /still waits for nonce 1, mined in block 10/,
      },
      {
        why: 'a workflow task fails over and over',
        spoil: ({ facts }) => first(facts.workflows).failing.push('its workflow task has failed 9 times'),
        says: /is stuck: its workflow task/,
      },
    ],
  }
}
