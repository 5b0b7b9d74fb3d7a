import { type Breakage, IMPATIENT } from './breakage.ts'
import { NODE_BREAKAGES } from './node-breakages.ts'
import {
  hangsBeforeSmallSuccessor,
  hangsWhileAsked,
  losesReport,
  pausesWhileBusy,
  pausesWhileHashIsOut,
} from './plans.ts'

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'broadcast-before-storing',
    what: 'a transaction is sent before its attempt is stored',
    patches: [
      {
        file: 'activities/sender/advance-sender.ts',
        from: '  const stored = await storeAttempt(deps.db, {',
        to: '  await sender.chain.broadcast(raw)\n  const stored = await storeAttempt(deps.db, {',
      },
    ],
    only: ['postgres-gone'],
    caughtBy: /^4 transactions: .*(sent \d.* ms before it was stored|no stored attempt|stored nowhere)/,
  },
  {
    name: 'verify-skipped',
    what: 'what a prover uploads is taken for a proof',
    patches: [
      IMPATIENT,
      {
        file: 'activities/proof/accept-proof.ts',
        from: '!(await resolved.rollup.kind.verify(claimOf(resolved, proof)))',
        to: 'claimOf(resolved, proof) === undefined',
      },
    ],
    only: ['prover-lies'],
    suits: ({ provers, faults }) => provers === 1 && faults.some(({ forMs }) => forMs > 9_000),
    caughtBy: /^1 settled: .*not verified|^2 proofs: .*verifier refuses|^6 explained: .*stuck/,
  },
  {
    name: 'nonce-from-pending',
    what: "the next nonce is the node's `pending` count instead of the state at the agreed head",
    patches: [
      {
        file: 'chain/transactions/read-account.ts',
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
        file: 'protocol/sequence/commit-gate.ts',
        from: '  return (\n    blockedWork(view) ??',
        to: '  if (block > 0) return null\n  return (\n    blockedWork(view) ??',
      },
      {
        file: 'protocol/sequence/commit-gate.ts',
        from: '  return (\n    blockedByProof({',
        to: '  if (block > 0) return null\n  return (\n    blockedByProof({',
      },
      // T1 is then longer than a small proof takes on a busy machine, and shorter than one whose prover hangs.
      { file: 'test/chaos/plans/windows.ts', from: 'commitBlocks: 8,', to: 'commitBlocks: 20,' },
    ],
    plans: hangsBeforeSmallSuccessor,
    caughtBy: /^3 penalties: penalty of our making/,
  },
  {
    name: 'receipt-is-success',
    what: 'a transaction whose receipt says success is taken for its effect, for ever',
    patches: [
      IMPATIENT,
      {
        file: 'activities/sender/read-sender-view.ts',
        from: '  listFinalReverts,\n',
        to: '  listFinalReverts,\n  listSequenceAttempts,\n',
      },
      {
        file: 'activities/sender/read-sender-view.ts',
        from: '    fates: { ...judgeIntents(facts, account), ...restated.fates },\n',
        to: '    fates: { ...judgeIntents(facts, account), ...restated.fates, ...taken },\n',
      },
      {
        file: 'activities/sender/read-sender-view.ts',
        from: '  const view: SenderView = {\n',
        to: `  const taken: Record<string, SenderView['fates'][string]> = {}
  for (const { intent } of facts) {
    const sent = intent.step === 'stake' ? [] : await listSequenceAttempts(deps.db, intent)
    if (sent.some((one) => one.purpose?.step === intent.step && one.inclusion?.status === 'success')) taken[intentId(intent)] = { kind: 'done', isFinal: true }
  }
  const view: SenderView = {\n`,
      },
      {
        file: 'activities/sender/read-sender-view.ts',
        from: "import type { Intent } from '../../protocol/sender/intent.ts'\n",
        to: "import { type Intent, intentId } from '../../protocol/sender/intent.ts'\n",
      },
    ],
    only: ['contract-paused'],
    suits: pausesWhileBusy,
    seeds: 6,
    caughtBy: /^1 settled: .*not verified|^3 penalties: penalty of our making/,
  },
  {
    name: 'edge-triggered',
    what: 'a sequence hands over each step once and remembers that it did, instead of looking at the chain',
    patches: [
      IMPATIENT,
      {
        file: 'workflows/sequence/sequence.ts',
        from: '  let isWoken = true\n',
        to: '  let isWoken = true\n  const done = new Set<string>()\n',
      },
      {
        file: 'workflows/sequence/sequence.ts',
        from: '    const handed = { sequence: ref, step, finalProof }\n',
        to: '    if (done.has(step.kind)) return\n    done.add(step.kind)\n    const handed = { sequence: ref, step, finalProof }\n',
      },
    ],
    plans: pausesWhileHashIsOut,
    caughtBy: /^1 settled: .*not verified|^3 penalties: penalty of our making/,
  },
  {
    name: 'archive-skipped',
    what: 'final proofs are kept in Postgres only, and hashes are sent all the same',
    patches: [
      {
        file: 'activities/proof/accept-proof.ts',
        from: '  if (isArchived) return\n',
        to: '  if (archive) return\n',
      },
      {
        file: 'activities/proof/final-proof.ts',
        from: 'isInBothStores: isArchived }',
        to: 'isInBothStores: isArchived || bytes.length > 0 }',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^2 proofs: .*(archive|is lost)/,
  },
  {
    name: 'stored-proofs-ignored',
    what: 'proofs that stand in Postgres are made again when proving begins anew',
    patches: [
      {
        file: 'activities/proof/open-task.ts',
        from: '  if (verified !== undefined) {\n',
        to: "  if (verified !== undefined && resolved.request.stage === 'final') {\n",
      },
      {
        file: 'activities/proof/find-proved-spans.ts',
        from: '    return widestSpans(proofs).map(',
        to: '    return widestSpans(proofs.slice(0, 0)).map(',
      },
    ],
    only: ['temporal-emptied'],
    suits: ({ sequences, faults }) =>
      faults.some(
        ({ milestone, afterMs, sequence }) =>
          milestone === 'proving' && afterMs > 2_000 && (sequences[sequence]?.batches ?? 0) > 2,
      ),
    seeds: 6,
    caughtBy: /^2 proofs: .*made twice/,
  },
  {
    name: 'late-upload-ignored',
    what: 'a proof that its prover has uploaded and could not report is made again',
    patches: [
      {
        file: 'activities/proof/open-task.ts',
        from: ', ...(await listOpenUploads(db, resolved.taskId))]',
        to: ', ...(await listOpenUploads(db, resolved.taskId)).slice(0, 0)]',
      },
    ],
    plans: losesReport,
    caughtBy: /^2 proofs: .*made twice/,
  },
  {
    name: 'claim-forgotten',
    what: 'a sequence ends when it is proved, and its reward stays in the contract',
    patches: [
      {
        file: 'protocol/sequence/next-step.ts',
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
        file: 'workflows/sender/sender.ts',
        from: '    lines = pass.lines\n',
        to: '    if (!lines.some((line) => line.startsWith("nonce"))) lines = pass.lines\n',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^6 explained: .*still waits for nonce/,
  },
  {
    name: 'keys-for-provers',
    what: "the miner's key is in the environment that provers are started with",
    patches: [
      {
        file: 'dev/deployment/processes.ts',
        from: 'env: { ...p.env, [PROVER_DATABASE_ENV]: p.proverDatabaseUrl },',
        to: 'env: { ...p.env, ...p.minerKeys, [PROVER_DATABASE_ENV]: p.proverDatabaseUrl },',
      },
    ],
    only: ['prover-killed'],
    caughtBy: /^7 secrets: environment of prover-.* holds the key/,
  },
  {
    name: 'errors-unredacted',
    what: "the errors of a node's client reach logs and histories as they are",
    patches: [
      {
        file: 'chain/endpoints/redact.ts',
        from: '  return new RpcUnavailableError({ endpoint, ...transportFault(error) })',
        to: '  return new RpcUnavailableError({ endpoint, ...transportFault(error), reason: String(error) })',
      },
    ],
    only: ['rpc-5xx', 'rpc-429'],
    caughtBy: /^7 secrets: .*RPC URL/,
  },
  {
    name: 'suspension-unnoticed',
    what: 'an aggregator that was suspended goes on with what it has at hand, and a run that it can no longer replay is left as it is',
    patches: [
      {
        file: 'workers/aggregator.ts',
        from: 'startAnew(log, lateMs) // else',
        to: 'void [startAnew, lateMs] // else',
      },
      { file: 'workers/aggregator.ts', from: ', workflowFailureErrorTypes: FAILING_ERRORS', to: '' },
    ],
    plans: hangsWhileAsked,
    caughtBy: /^8 replays: |^6 explained: .*(workflow task|ended as FAILED)/,
  },
  ...NODE_BREAKAGES,
]
