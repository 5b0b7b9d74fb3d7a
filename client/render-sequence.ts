import type { SequenceStatus } from '../protocol/messages.ts'
import { formatRange } from '../protocol/sequence.ts'
import { formatBytes, formatDuration, formatFee, formatTable } from './format.ts'
import type { SequenceReport } from './read-sequence.ts'
import { renderFailures } from './render-status.ts'

/** One sequence as people read it: what it waits for first, then what was proved and sent. */
export function renderSequence(report: SequenceReport): string {
  return [
    report.workflowId,
    '',
    ...sayWorkflow(report.workflow),
    ...sayRows(report),
    ...sayHolds(report),
    '',
    proofs(report),
    attempts(report),
  ].join('\n')
}

function sayWorkflow(workflow: SequenceReport['workflow']): string[] {
  switch (workflow.status) {
    case 'answered':
      return [`workflow    ${workflow.workflow}`, ...sayStatus(workflow.answer)]
    case 'silent':
      return [`workflow    ${workflow.workflow}, but no aggregator answers for it; what follows is from the database`]
    case 'missing':
      return ['workflow    none: it has not begun, or has ended and is no longer kept; what follows is from the database']
    case 'unreachable':
      return [`workflow    not known: ${workflow.why} What follows is from the database`]
  }
}

function sayStatus({ phase, waitingFor, proofsDone, proofsNeeded, quarantined, parts }: SequenceStatus): string[] {
  return [
    `phase       ${phase}`,
    `waits for   ${waitingFor}`,
    `proofs      ${proofsDone} of ${proofsNeeded} in this run`,
    ...parts.map((p) => `  batches ${formatRange(p)}: ${p.proofsDone} of ${p.proofsNeeded}, ${p.waitingFor}`),
    ...(quarantined === null ? [] : [`quarantine  ${quarantined}`]),
  ]
}

function sayRows({ sequences }: SequenceReport): string[] {
  return sequences.map(({ accInputHash, phase, outcome, text, updatedAt, sequencedAtBlock }, i) => {
    const posted = sequencedAtBlock === null ? '' : `, posted in block ${sequencedAtBlock}`
    return `${i === 0 ? 'recorded    ' : 'before      '}${outcome ?? phase}: ${text} (${updatedAt}; data ${accInputHash}${posted})`
  })
}

function sayHolds({ holds, quarantines }: SequenceReport): string[] {
  return [
    ...Object.entries(holds).flatMap(([hold, reason]) => (reason === null ? [] : [`${hold.padEnd(12)}${reason}`])),
    ...quarantines.flatMap((q) => [`quarantined ${q.stage} proof of batches ${formatRange(q)}: ${q.reason}`, ...renderFailures(q)]),
  ]
}

function proofs({ proofs }: SequenceReport): string {
  if (proofs.length === 0) return 'No proof is verified yet.\n'
  return formatTable(
    ['proof', 'batches', 'prover', 'time', 'memory', 'size', 'verified'],
    proofs.map((p) => [
      p.stage,
      formatRange(p),
      p.prover,
      formatDuration(p.durationMs),
      formatBytes(p.peakMemoryBytes),
      formatBytes(p.size),
      p.verifiedAt,
    ]),
  )
}

function attempts({ attempts }: SequenceReport): string {
  if (attempts.length === 0) return 'No transaction was made yet.\n'
  return formatTable(
    ['transaction', 'nonce', 'attempt', 'state', 'block', 'gas', 'fee', 'hash'],
    attempts.map((a) => [
      a.purpose?.step ?? 'empty',
      `${a.nonce}`,
      `${a.attempt}`,
      stateOf(a),
      a.inclusion === null ? '-' : `${a.inclusion.minedBlock}`,
      a.inclusion === null ? '-' : `${a.inclusion.gasUsed}`,
      a.inclusion === null ? `≤ ${formatFee(a.maxFeePerGas)}` : formatFee(a.inclusion.effectiveGasPrice),
      a.txHash,
    ]),
  )
}

function stateOf({ inclusion, isReplaced, isFinal, broadcastAt }: SequenceReport['attempts'][number]): string {
  if (inclusion !== null) return `${inclusion.status}${isFinal ? ', final' : ''}`
  if (isReplaced) return 'replaced'
  return broadcastAt === null ? 'stored' : 'sent'
}
