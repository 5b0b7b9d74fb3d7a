import { type BatchRange, formatRange, isPartOf } from '../../protocol/base/ranges.ts'
import { formatBytes, formatDuration, formatFee } from '../../protocol/base/units.ts'
import { proofsMade, proofsNeeded, proofsOfSpan } from '../../protocol/proof/aggregation-plan.ts'
import { nodesRefusalText } from '../../protocol/sender/nodes-answer.ts'
import { formatTable } from './format.ts'
import type { SequenceReport } from './read-sequence.ts'
import { renderFailures, renderSilence } from './render-status.ts'

/** Renders one sequence as people read it: what it waits for first, then what was proved and sent. */
export function renderSequence(report: SequenceReport): string {
  return [
    report.workflowId,
    '',
    ...sayWorkflow(report.workflow),
    ...sayRows(report),
    ...sayProgress(report),
    ...sayHolds(report),
    '',
    proofs(report),
    attempts(report),
  ].join('\n')
}

function sayWorkflow(workflow: SequenceReport['workflow']): string[] {
  switch (workflow.status) {
    case 'known':
      return [`workflow    ${workflow.workflow}`, ...sayTroubles(workflow)]
    case 'missing':
      return [
        'workflow    none: it has not begun, or has ended and is no longer kept; what follows is from the database',
      ]
    case 'unreachable':
      return [`workflow    not known, what follows is from the database: ${workflow.why}`]
  }
}

function sayTroubles({
  failedTasks,
  silentSince,
  trouble,
}: SequenceReport['workflow'] & { status: 'known' }): string[] {
  return [
    ...(silentSince === null ? [] : [`aggregator  ${renderSilence(silentSince)}; what follows is as it was then`]),
    ...(failedTasks === 0
      ? []
      : [`can't go on its task has failed ${failedTasks} times in a row: the aggregator ends it and starts it again`]),
    ...(trouble === null ? [] : [`trouble     ${trouble}`]),
  ]
}

function sayRows({ sequences }: SequenceReport): string[] {
  return sequences.map(({ accInputHash, phase, outcome, text, updatedAt, sequencedAtBlock }, i) => {
    const posted = sequencedAtBlock === null ? '' : `, posted in block ${sequencedAtBlock}`
    return `${i === 0 ? 'recorded    ' : 'before      '}${outcome ?? phase}: ${text} (${updatedAt}; data ${accInputHash}${posted})`
  })
}

/** Says how many proofs of the newest data are made, with those of each part of a long sequence. */
function sayProgress({ sequences: [newest], proofs, workflow }: SequenceReport): string[] {
  if (newest === undefined) return []
  const made = (of: BatchRange) =>
    proofsMade(proofs.filter((one) => isPartOf(one, of)).map((one) => ({ stage: one.stage, range: one })))
  const parts = workflow.status === 'known' ? workflow.parts : []
  return [
    `proofs      ${made(newest)} of ${proofsNeeded(newest)}`,
    ...parts.map(
      (p) =>
        `  batches ${formatRange(p)}: ${made(p)} of ${proofsOfSpan(p)}${p.trouble === null ? '' : `, ${p.trouble}`}`,
    ),
  ]
}

function sayHolds({ holds, quarantines }: SequenceReport): string[] {
  return [
    ...Object.entries(holds).flatMap(([hold, reason]) => (reason === null ? [] : [`${hold.padEnd(12)}${reason}`])),
    ...quarantines.flatMap((q) => [
      `quarantined ${q.stage} proof of batches ${formatRange(q)}: ${q.reason}`,
      ...renderFailures(q),
    ]),
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
      `${a.inclusion?.gasUsed ?? '-'}`,
      feeOf(a),
      a.txHash,
    ]),
  )
}

/** Says what it paid, or may pay: nodes of some chains don't tell the former. */
function feeOf({ inclusion, maxFeePerGas }: SequenceReport['attempts'][number]): string {
  const paid = inclusion?.effectiveGasPrice ?? null
  return paid === null ? `≤ ${formatFee(maxFeePerGas)}` : formatFee(paid)
}

function stateOf({ inclusion, isReplaced, isFinal, broadcastAt, answer }: SequenceReport['attempts'][number]): string {
  if (inclusion !== null) return `${inclusion.status}${isFinal ? ', final' : ''}`
  if (isReplaced) return 'replaced'
  if (broadcastAt === null) return 'stored'
  return nodesRefusalText(answer) ?? 'sent'
}
