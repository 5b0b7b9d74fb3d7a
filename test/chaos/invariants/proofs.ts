import { concatHex, type Hex, keccak256 } from 'viem'
import type { Facts, MadeProof } from './facts.ts'
import { type Invariant, nameOf, ownCommits, replacements, sequenceRows } from './judge.ts'

/** 2: no finished proof is lost or made twice, and none is committed to before it is verified and in both stores. */
export const proofsKept: Invariant = (facts) => [
  ...damaged(facts),
  ...lostUploads(facts),
  ...unused(facts),
  ...madeTwice(facts),
  ...committedTooEarly(facts),
  ...wronglyVerified(facts),
]

/**
 * A prover may begin this long after another one's upload: the task was in its queue already, or nobody could hear of
 * the upload, ms.
 */
const QUEUE_MS = 15_000

/** A prover may also begin this long after a proof was verified, when the task is taken out of the queue, ms. */
const WITHDRAWAL_MS = 5_000

/** A proof that is finished so shortly before the database is emptied may miss its last look at itself, ms. */
const EMPTYING_MS = 3_000

/** File systems stamp with the clock of their last tick, ms. */
const TICK_MS = 10

/** Finds final proofs that aren't whole in the database and in the archive. */
const damaged: Invariant = ({ databases, archive }) =>
  (databases.at(-1)?.proofs ?? [])
    .filter(({ stage }) => stage === 'final')
    .flatMap(({ rollup, from, to, sha256, isWhole }) => {
      const isArchived = archive.some((one) => one.sha256 === sha256 && one.isWhole)
      return [
        ...(isWhole ? [] : [`the final proof of ${nameOf(rollup, from, to)} is lost from the database`]),
        ...(isArchived ? [] : [`the final proof of ${nameOf(rollup, from, to)} is lost from the archive`]),
      ]
    })

/**
 * Finds uploads that are lost, unless the sequence ended without our proof or its data changed: then provers are told
 * to drop what they have.
 */
const lostUploads: Invariant = (facts) => {
  const { made, databases } = facts
  const emptiedAtMs = databases.slice(0, -1).map(({ readAtMs }) => readAtMs)
  const isNearEmptying = ({ atMs }: MadeProof) => emptiedAtMs.some((at) => at >= atMs && at < atMs + EMPTYING_MS)
  const isDropped = (one: MadeProof) =>
    isReplaced(facts, one) || sequenceRows(facts).some((row) => isFor(one, row) && row.outcome !== 'proved')
  return made
    .filter((one) => one.livedOn && !isNearEmptying(one) && !isDropped(one))
    .filter(
      (one) =>
        !databases.some(({ uploads }) =>
          uploads.some(({ taskId, prover }) => taskId === one.taskId && prover === one.prover),
        ),
    )
    .map(
      ({ taskId, prover, workflowId }) =>
        `a proof of task ${taskId} (${workflowId}) was finished by ${prover} and is lost`,
    )
}

const isFor = ({ workflowId }: MadeProof, sequence: { rollup: string; from: number; to: number }): boolean =>
  workflowId === `sequence/${sequence.rollup}/${sequence.from}-${sequence.to}`

/** Tells whether a proof is of data that may stand on chain no longer. */
const isReplaced = (facts: Facts, made: MadeProof): boolean =>
  facts.posted.some((one) => isFor(made, one) && replacements(facts, one).length > 0)

/** Finds proofs that nobody looked at, though their sequence ended by our proof. */
const unused: Invariant = (facts) => {
  const { made, databases } = facts
  const present = databases.at(-1)
  const isOurs = (taskId: Hex) => {
    const one = made.find((proof) => proof.taskId === taskId)
    return (
      one && !isReplaced(facts, one) && present?.sequences.some((row) => isFor(one, row) && row.outcome === 'proved')
    )
  }
  return (present?.uploads ?? [])
    .filter(
      ({ taskId, isRefused }) => !isRefused && isOurs(taskId) && !present?.proofs.some((one) => one.taskId === taskId),
    )
    .map(({ taskId, prover }) => `a proof of task ${taskId} was uploaded by ${prover} and never used`)
}

/** Finds proofs that were begun although one of the same task was in a store. */
const madeTwice: Invariant = (facts) =>
  facts.made
    .filter((again) => isStored(facts, again))
    .map(
      ({ taskId, prover, workflowId }) => `task ${taskId} (${workflowId}) was made twice, the second time by ${prover}`,
    )

function isStored({ databases, archive }: Facts, { taskId, beganAtMs }: MadeProof): boolean {
  const life = databases.find(({ readAtMs }) => readAtMs >= beganAtMs)
  const birthMs = life === undefined ? 0 : (databases[databases.indexOf(life) - 1]?.readAtMs ?? 0)
  const uploaded = life?.uploads.some(
    (one) =>
      one.taskId === taskId && !one.isRefused && one.uploadedAtMs > birthMs && one.uploadedAtMs < beganAtMs - QUEUE_MS,
  )
  const verified = life?.proofs.some(
    (one) => one.taskId === taskId && one.verifiedAtMs > birthMs && one.verifiedAtMs < beganAtMs - WITHDRAWAL_MS,
  )
  const finals = databases
    .flatMap(({ proofs }) => proofs)
    .filter((one) => one.taskId === taskId && one.stage === 'final')
  const isArchived = archive.some(
    (one) => finals.some(({ sha256 }) => sha256 === one.sha256) && one.savedAtMs < beganAtMs - QUEUE_MS,
  )
  return uploaded === true || verified === true || isArchived
}

/** Finds hashes that were signed before their proof was verified and in both stores. */
const committedTooEarly: Invariant = (facts) =>
  ownCommits(facts).flatMap(({ rollup, from, to, proofHash, txHash }) => {
    const name = nameOf(rollup.name, from, to)
    const signedAtMs = facts.databases
      .flatMap(({ attempts }) => attempts)
      .find((one) => one.txHash === txHash)?.storedAtMs
    const isMeant = (keccak: Hex | null) =>
      keccak !== null && keccak256(concatHex([keccak, rollup.miner])) === proofHash
    const rows = facts.databases.flatMap(({ proofs }) => proofs).filter(({ keccak }) => isMeant(keccak))
    const files = facts.archive.filter(({ keccak }) => isMeant(keccak))
    if (rows.length === 0 && files.length === 0) return [`the proof behind our hash of ${name} is lost`]
    if (signedAtMs === undefined) return [] // what signed it is missing, which is another invariant's business
    const isVerified = rows.some(({ verifiedAtMs }) => verifiedAtMs <= signedAtMs)
    const isArchived = files.some(({ savedAtMs }) => savedAtMs <= signedAtMs + TICK_MS)
    return [
      ...(isVerified || rows.length === 0 ? [] : [`our hash of ${name} was signed before its proof was verified`]),
      ...(isArchived ? [] : [`our hash of ${name} was signed before its proof was in the archive`]),
    ]
  })

const wronglyVerified: Invariant = ({ databases }) =>
  databases
    .flatMap(({ proofs }) => proofs)
    .filter(({ isAccepted }) => isAccepted === false)
    .map(
      ({ rollup, from, to }) =>
        `the final proof of ${nameOf(rollup, from, to)} is noted as verified, the contract's verifier refuses it`,
    )
