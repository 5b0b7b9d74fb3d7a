import type { FaultName, Plan, RivalName } from '../plan.ts'

/** A guarantee taken out of the code on purpose. The harness must notice. */
export interface Breakage {
  name: string
  /** What the code then does, one sentence. */
  what: string
  /** Exact texts, each of which stands in its file once. */
  patches: { file: string; from: string; to: string }[]
  /** Faults and rivals to draw from, where others would only take time. @default all */
  only?: readonly (FaultName | RivalName)[]
  /** Whether a plan brings about what the breakage needs to show. @default all do */
  suits?: (plan: Plan) => boolean
  /** How many of the seeds that suit are tried until one notices. @default 3 */
  seeds?: number
  /** What the harness must say, at least once. */
  caughtBy: RegExp
}

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'broadcast-before-storing',
    what: 'a transaction is sent before its attempt is stored',
    patches: [
      {
        file: 'activities/advance-sender.ts',
        from: '  const stored = await storeAttempt(deps.db, {',
        to: '  await chain.broadcast(raw)\n  const stored = await storeAttempt(deps.db, {',
      },
    ],
    only: ['postgres-gone'],
    caughtBy: /^4 transactions: .*(sent \d.* ms before it was stored|no stored attempt|stored nowhere)/,
  },
  {
    name: 'nonce-from-pending',
    what: "the next nonce is the node's `pending` count instead of the state at the agreed head",
    patches: [
      {
        file: 'chain/read-account.ts',
        from: 'client.getTransactionCount({ ...pin, address: account })',
        to: "client.getTransactionCount({ blockTag: 'pending', address: account })",
      },
    ],
    only: ['base-fee-up', 'reorg'],
    seeds: 6,
    caughtBy: /^4 transactions: .*(signed again|gap)|^5 wei: .*(noted|receipt)/,
  },
  {
    name: 'commit-gate-off',
    what: 'a hash is sent whatever stands in the way of its proof',
    patches: [
      {
        file: 'protocol/commit-gate.ts',
        from: '  return (\n    blockedWork(view) ??',
        to: '  if (block > 0) return null\n  return (\n    blockedWork(view) ??',
      },
    ],
    only: ['rival-never-proves'],
    suits: hasSmallSuccessor,
    seeds: 4,
    caughtBy: /^3 penalties: penalty of our making/,
  },
  {
    name: 'archive-skipped',
    what: 'final proofs are kept in Postgres only, and hashes are sent all the same',
    patches: [
      {
        file: 'activities/accept-proof.ts',
        from: '  if (await archive.has(verified.sha256)) return\n',
        to: '  if (archive) return\n',
      },
      {
        file: 'activities/final-proof.ts',
        from: 'isInBothStores: isArchived }',
        to: 'isInBothStores: isArchived || bytes.length > 0 }',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^2 proofs: .*(archive|is lost)/,
  },
  {
    name: 'late-upload-ignored',
    what: 'a proof that its prover has uploaded and could not report is made again',
    patches: [
      {
        file: 'activities/open-task.ts',
        from: ', ...(await listOpenUploads(db, resolved.taskId))]',
        to: ', ...(await listOpenUploads(db, resolved.taskId)).slice(0, 0)]',
      },
    ],
    only: ['temporal-killed', 'prover-killed', 'aggregator-killed'],
    seeds: 8,
    caughtBy: /^2 proofs: .*made twice/,
  },
  {
    name: 'claim-forgotten',
    what: 'a sequence ends when it is proved, and its reward stays in the contract',
    patches: [
      {
        file: 'protocol/next-step.ts',
        from: '  if (!view.hasClaims) return done\n',
        to: '  if (view) return done\n',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^3 penalties: no reward/,
  },
  {
    name: 'stale-answer',
    what: 'the sender goes on telling what it waited for once',
    patches: [
      {
        file: 'workflows/sender.ts',
        from: '    lines = pass.lines\n',
        to: '    if (!lines.some((line) => line.startsWith("nonce"))) lines = pass.lines\n',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^6 explained: .*still waits for nonce/,
  },
  {
    name: 'errors-unredacted',
    what: "the errors of a node's client reach logs and histories as they are",
    patches: [
      {
        file: 'chain/redact.ts',
        from: '  return new RpcUnavailableError({ endpoint, ...transportFault(error) })',
        to: '  return new RpcUnavailableError({ endpoint, ...transportFault(error), reason: String(error) })',
      },
    ],
    only: ['rpc-5xx', 'rpc-429'],
    caughtBy: /^7 secrets: .*RPC URL/,
  },
]

/**
 * A rival opens the round of a big sequence and never proves it, and a small one comes right after it: we are too late for the first
 * round, and the second one ends before the first can begin anew. All that when the processes have come up.
 */
function hasSmallSuccessor({ provers, sequences, rivals }: Plan): boolean {
  return sequences.some((big, i) => {
    const small = sequences.slice(i + 1).find(({ rollup }) => rollup === big.rollup)
    const isContested = rivals.some(({ name, sequence }) => name === 'rival-never-proves' && sequence === i)
    return provers === 1 && isContested && big.batches >= 3 && small?.batches === 1 && big.atMs > 5_000 && small.atMs - big.atMs < 2_000
  })
}
