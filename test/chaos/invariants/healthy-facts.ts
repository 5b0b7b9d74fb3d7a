import { type Address, concatHex, type Hex, keccak256 } from 'viem'
import type { AttemptFacts, Facts } from './facts.ts'

export const MINER: Address = '0x00000000000000000000000000000000000000aa'
export const RIVAL: Address = '0x00000000000000000000000000000000000000bb'
export const word = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

const proof = { sha256: word(1), keccak: word(2) }
const hash = keccak256(concatHex([proof.keccak, MINER]))

/**
 * Makes facts of a run in which one sequence was committed at block 10, proved at 20 and paid. A rival was late and got
 * its share.
 */
export function healthyFacts(): Facts {
  return {
    rollups: [
      {
        ...{ name: 'r', miner: MINER, head: 400 },
        balanceWei: 1_100n,
        buckets: { stake: 200n, locked: 0n, pool: 900n, setAside: 0n, claimable: 0n, treasury: 0n },
        stakes: [MINER, RIVAL].map((miner) => ({ miner, totalWei: 100n, lockedWei: 0n, claimableWei: 0n })),
        sequences: [{ from: 1, to: 2, isVerified: true }],
        rounds: [{ to: 2, startBlock: 10, commitBlocks: 8, proveBlocks: 240 }],
        commits: [
          { to: 2, miner: MINER, proofHash: hash, block: 10, txHash: word(10) },
          { to: 2, miner: RIVAL, proofHash: word(3), block: 11, txHash: word(30) },
        ],
        accepted: [MINER, RIVAL].map((miner) => ({ to: 2, miner, roundStartBlock: 10 })),
        settled: [MINER, RIVAL].map((miner) => ({ to: 2, miner, penaltyWei: 0n, rewardWei: 50n })),
        fines: [],
        emergencies: [],
        paid: [MINER, RIVAL].map((miner) => ({ miner, wei: 50n })),
      },
    ],
    accounts: [
      {
        ...{ address: MINER, startWei: 1_000n, balanceWei: 950n - 4n, nonce: 4, poolNonce: 4 },
        transactions: [stakeTransaction(), ...[1, 2, 3].map((nonce) => transaction(nonce))],
      },
    ],
    databases: [
      {
        readAtMs: 100_000,
        attempts: ['commit r 2', 'prove r 2', 'claim r 2'].map((intent, i) => attempt(i + 1, intent)),
        proofs: [
          { ...row('batch', 5), from: 1, to: 1 },
          { ...row('final', 6), ...proof, from: 1, to: 2, isAccepted: true },
        ],
        uploads: [5, 6].map((task) => {
          return {
            taskId: word(task),
            sha256: word(task === 6 ? 1 : 50),
            prover: 'p',
            uploadedAtMs: 500,
            isRefused: false,
          }
        }),
        sequences: [{ rollup: 'r', from: 1, to: 2, phase: 'done', text: 'nothing: proved', outcome: 'proved' }],
      },
    ],
    archive: [{ ...proof, isWhole: true, savedAtMs: 900 }],
    made: [5, 6].map((task) => {
      return { taskId: word(task), prover: 'p', workflowId: 'sequence/r/1-2', atMs: 400, beganAtMs: 100, livedOn: true }
    }),
    sent: [1, 2, 3].map((nonce) => ({ hash: word(nonce * 10), atMs: nonce * 1_000 + 5 })),
    unreplayable: [],
    workflows: [
      {
        id: 'chain/1',
        status: 'RUNNING',
        answer: "watching chain 1: the watcher's heartbeat names its head",
        failing: [],
      },
      { id: `sender/1/${MINER}`, status: 'RUNNING', answer: 'nonce 4: claim r 1-2, sent at block 399', failing: [] },
      { id: 'sequence/r/1-2', status: 'COMPLETED', answer: null, failing: [] },
    ],
    posted: [{ rollup: 'r', from: 1, to: 2 }],
    disturbances: [],
    replaced: [],
    finalityBlocks: 24,
    arePricesTold: true,
  }
}

/**
 * Makes the same facts at a contract of 2023, which keeps stake and rewards in contracts of their own. Only the proofs'
 * calls were paid.
 */
export function healthyFactsOf2023(): Facts {
  const facts = healthyFacts()
  const buckets = { stake: 200n, locked: 0n, claimable: 0n, fined: 0n, pool: 900n }
  return { ...facts, rollups: facts.rollups.map((rollup) => ({ ...rollup, buckets })) }
}

const transaction = (nonce: number) => ({
  ...{ hash: word(nonce * 10), nonce, block: nonce * 10, blockHash: word(900 + nonce), raw: word(nonce), valueWei: 0n },
  ...{ gasUsed: 1n, gasPriceWei: 1n, status: 'success' as const, isStake: false },
})

const stakeTransaction = () => ({ ...transaction(0), valueWei: 100n, isStake: true })

const attempt = (nonce: number, intent: string): AttemptFacts => ({
  ...{ account: MINER, nonce, attempt: 0, txHash: word(nonce * 10), raw: word(nonce), intent, isBroadcast: true },
  ...{ storedAtMs: nonce * 1_000, sentAtBlock: nonce * 10 - 1 },
  final: { block: nonce * 10, blockHash: word(900 + nonce), gasUsed: 1n, gasPriceWei: 1n, status: 'success' },
})

const row = (stage: string, task: number) => ({
  ...{
    taskId: word(task),
    rollup: 'r',
    stage,
    sha256: word(50),
    verifiedAtMs: 800,
    isWhole: true,
    keccak: null,
    isAccepted: null,
  },
})
