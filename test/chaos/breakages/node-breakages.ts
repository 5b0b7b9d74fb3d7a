import { type Breakage, IMPATIENT } from './breakage.ts'
import {
  blocksStuffedInWindow,
  indexesWhileBlocksAreStuffed,
  meetsHabit,
  sequencesInTurn,
  settlesAt2023,
  settlesOnGeth,
} from './plans.ts'

/** Full blocks for a while are all of it. */
const SHORT_WINDOW = { file: 'test/chaos/plans/windows.ts', from: 'proveBlocks: 180', to: 'proveBlocks: 60' }

const NEVER_SETTLED = /^1 settled: .*not verified/

/**
 * What the code does about what honest nodes refuse, limit or don't tell, taken out of it, and what else keeps work
 * from starting or going on.
 */
export const NODE_BREAKAGES: readonly Breakage[] = [
  {
    name: 'replay-differs',
    what: 'a workflow does one thing when it runs and another when it is replayed',
    patches: [
      {
        file: 'workflows/sender/sender.ts',
        from: '    isWoken = false\n    queue = takeArrivals()\n',
        to: '    isWoken = false\n    if (wf.workflowInfo().unsafe.isReplaying) await wf.sleep(1)\n    queue = takeArrivals()\n',
      },
    ],
    only: ['aggregator-killed'],
    caughtBy: /^8 replays: the history of workflow sender/,
  },
  {
    name: 'never-raised',
    what: 'what a transaction offers is never raised, whatever its window',
    patches: [
      IMPATIENT,
      {
        file: 'protocol/sender/offer.ts',
        from: '  const { market, limits } = view\n',
        to: '  if (previous !== undefined) return undefined\n  const { market, limits } = view\n',
      },
      SHORT_WINDOW,
    ],
    plans: blocksStuffedInWindow,
    caughtBy: /^3 penalties: penalty of our making/,
  },
  {
    name: 'untold-receipt-throws',
    what: "a receipt that a node doesn't tell ends the pass of the whole account",
    patches: [
      IMPATIENT,
      {
        file: 'chain/transactions/read-account.ts',
        from: 'orUnknown(readReceipt(endpoints, hash, head))',
        to: 'readReceipt(endpoints, hash, head)',
      },
      SHORT_WINDOW,
    ],
    plans: indexesWhileBlocksAreStuffed,
    caughtBy: /^1 settled: .*not verified|^3 penalties: penalty of our making/,
  },
  {
    name: 'log-ranges-fixed',
    what: 'logs of a range that is refused are not asked for in halves',
    patches: [
      IMPATIENT,
      {
        file: 'chain/endpoints/read-logs.ts',
        from: 'if (!isTooMuch(error) || first === last) throw error',
        to: 'throw error',
      },
    ],
    plans: meetsHabit('logs-of-10-blocks'),
    caughtBy: NEVER_SETTLED,
  },
  {
    name: 'batches-whole',
    what: 'a batch that an endpoint refuses is not asked again in smaller ones',
    patches: [
      IMPATIENT,
      {
        file: 'chain/endpoints/json-rpc.ts',
        from: 'if (left.length === calls.length) return sendSmaller(first, others, wire)',
        to: "if (left.length === calls.length) return deliver(calls, { failure: new Error('refused') })",
      },
    ],
    plans: meetsHabit('no-batches'),
    caughtBy: NEVER_SETTLED,
  },
  {
    name: 'answers-by-place',
    what: 'an answer of a batch is given to who stands in its place, whatever its id',
    patches: [
      IMPATIENT,
      {
        file: 'chain/endpoints/json-rpc.ts',
        from: 'const own = answers.filter((one) => isObject(one)).filter(({ id }) => isId(id, call.body.id))',
        to: 'const own = [answers[calls.indexOf(call)]].filter((one) => isObject(one))',
      },
    ],
    plans: meetsHabit('batches-lose-an-id'),
    caughtBy: /^[1-6] /,
  },
  {
    name: 'states-by-hash-only',
    what: 'an endpoint that knows no blocks by hash (EIP-1898) is not asked by number',
    patches: [
      IMPATIENT,
      {
        file: 'chain/endpoints/pinned-read.ts',
        from: "if (endpoint.pins === 'by-hash' || !isRefusal(read.error)) throw read.error",
        to: "if ('error' in read) throw read.error",
      },
    ],
    plans: meetsHabit('blocks-by-number'),
    caughtBy: NEVER_SETTLED,
  },
  {
    name: 'slowest-awaited',
    what: 'a look waits for the endpoint that hangs, though the others agree',
    patches: [
      IMPATIENT,
      {
        file: 'chain/endpoints/agreed-tip.ts',
        from: 'const BLOCK_MS = { first: SLOW_MS, owing: 300, needed: 3_000 }',
        to: 'const BLOCK_MS = { first: 10 * SLOW_MS, owing: 10_000, needed: 10_000 }',
      },
      {
        file: 'chain/endpoints/agreed-tip.ts',
        from: '(told) => alike(told) !== undefined && 0, mostMs',
        to: '() => false, mostMs',
      },
    ],
    plans: meetsHabit('liar-ahead-hangs'),
    caughtBy: /^1 settled: .*not verified|^3 penalties: penalty of our making/,
  },
  {
    name: 'fee-history-needed',
    what: 'without `eth_feeHistory` there is no fee to offer',
    patches: [
      IMPATIENT,
      {
        file: 'chain/transactions/fee-market.ts',
        from: 'client.getFeeHistory(asked).catch(() => ({ reward: [] }))',
        to: 'client.getFeeHistory(asked)',
      },
      {
        file: 'chain/transactions/fee-market.ts',
        from: `(await told(async () => median(await endpoints.answers(ask, areAlike)))) ??
    (await told(() => readSuggestedTip(endpoints)))`,
        to: 'median(await endpoints.answers(ask, areAlike))',
      },
    ],
    plans: meetsHabit('no-fee-history'),
    caughtBy: NEVER_SETTLED,
  },
  {
    name: 'turn-kept',
    what: "a rollup's turn to execute batches is never given back",
    patches: [
      IMPATIENT,
      { file: 'db/proofs/replays.ts', from: "interval '30 seconds'", to: "interval '30 days'" },
      { file: 'db/proofs/replays.ts', from: 'await db.delete(replays).where(heldBy(turn))', to: 'heldBy(turn)' },
    ],
    plans: sequencesInTurn,
    caughtBy: NEVER_SETTLED,
  },
  {
    name: 'fined-proof-resent',
    what: 'a proof that a contract of 2023 has fined is sent again in the same round (hashes without the miner, so that there is one)',
    patches: [
      IMPATIENT,
      {
        file: 'protocol/proof/public-input.ts',
        from: 'keccak256(concatHex([keccak256(proof), miner]))',
        to: 'keccak256(keccak256(proof))',
      },
      { file: 'activities/sequence/spent-proof.ts', from: '? spent.block\n', to: '? null\n' },
    ],
    plans: settlesAt2023,
    caughtBy: /^3 penalties: \d+ fines for wrong proofs/,
  },
  {
    name: 'gas-limits-fixed',
    what: "gas limits are constants, ample under older rules, under those of geth's newest fork",
    patches: [
      IMPATIENT,
      {
        file: 'chain/trials/gas-limits.ts',
        from: '    return lower(max(limit, leastGas), bound)',
        to: '    return gasLimitFor(bytes, isProof(purpose) ? 5_000_000n : 150_000n)',
      },
    ],
    plans: settlesOnGeth,
    caughtBy: NEVER_SETTLED,
  },
]
