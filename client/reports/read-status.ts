import type { Chain } from '../../chain/create-chain.ts'
import type { OperatorConfig } from '../../config/types.ts'
import type { Db } from '../../db/connection/connect.ts'
import { type Hold, listHolds } from '../../db/decisions/holds.ts'
import { listTaskQuarantines, type TaskQuarantine } from '../../db/decisions/refusals.ts'
import { listSequences, type SequenceRow } from '../../db/decisions/sequences.ts'
import { listProofs } from '../../db/proofs/proofs.ts'
import { listReplays } from '../../db/proofs/replays.ts'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { proofsMade, proofsNeeded } from '../../protocol/proof/aggregation-plan.ts'
import type { Replay } from '../../protocol/rollup/survey.ts'
import { LOOSE_RULES } from '../../protocol/sequence/loose-rules.ts'
import { openChain } from '../../workers/connections.ts'
import { readRulesOf2023 } from '../../workers/preflight/rules-of-2023.ts'
import { readWindow, type WindowNow } from './read-window.ts'
import { readWorkflows, type WorkflowsNow } from './read-workflows.ts'

/** A sequence in the list. */
export interface SequenceStatusEntry extends SequenceRow {
  /** Verified proofs, of all that one tree needs. */
  proofsDone: number
  proofsNeeded: number
  /** Null when no round is open, it isn't asked for, or the chain doesn't tell. */
  window: WindowNow | null
}

/** All that `zkpow status` shows. */
export interface StatusReport {
  sequences: SequenceStatusEntry[]
  holds: Hold[]
  quarantines: TaskQuarantine[]
  /** Of rollups' states, that run now. */
  replays: Replay[]
  /** Rollups whose first state is in a file: that, and what there is to know where the contract is one of 2023. */
  notes: { rollup: string; text: string }[]
  /** Chains that didn't answer, with the reason. */
  silentChains: { chain: string; why: string }[]
  /** Endpoints of the chains that were asked which aren't believed, with the reason. */
  endpointTroubles: string[]
  /** What Temporal knows of the workflows. */
  workflows: WorkflowsNow | { unreachable: string }
}

/** What to list. */
export interface StatusQuestion {
  rollup?: string
  limit: number
}

/** Lists sequences from the database; the windows of those that are being submitted come from their chains. */
export async function readStatus(db: Db, config: OperatorConfig, question: StatusQuestion): Promise<StatusReport> {
  const windows = windowReader(config)
  const [workflows, rows, holds, quarantines, replays] = await Promise.all([
    readWorkflows(config.temporal),
    listSequences(db, question),
    listHolds(db, question),
    listTaskQuarantines(db, question),
    listReplays(db, question),
  ])
  const sequences = await Promise.all(
    rows.map(async (row) => ({ ...row, ...(await countProofs(db, row)), window: await windows.read(row) })),
  )
  const notes = await Promise.all(
    config.rollups.filter(({ name }) => [name, undefined].includes(question.rollup)).map(windows.note),
  )
  const listed = { sequences, holds, quarantines, replays, notes: notes.flat(), workflows }
  return { ...listed, silentChains: windows.silent(), endpointTroubles: windows.troubles() }
}

async function countProofs(db: Db, row: SequenceRow): Promise<{ proofsDone: number; proofsNeeded: number }> {
  const proofs = await listProofs(db, row)
  return {
    proofsDone: proofsMade(proofs.map((proof) => ({ stage: proof.stage, range: proof }))),
    proofsNeeded: proofsNeeded(row),
  }
}

/** Asks each chain through one client; a chain that doesn't answer leaves the list without its windows. */
function windowReader({ chains, rollups }: OperatorConfig) {
  const opened = new Map(chains.map((chain) => [chain.name, openChain(chain)]))
  const silent = new Map<string, string>()
  type Rollup = (typeof rollups)[number]
  async function ask<T>(
    rollup: Rollup | undefined,
    read: (chain: Chain, rollup: Rollup) => Promise<T>,
  ): Promise<T | null> {
    const chain = opened.get(rollup?.chain.name ?? '')
    if (rollup === undefined || chain === undefined) return null
    return read(chain, rollup).catch((error: unknown) => {
      if (!(error instanceof RetryableError) && !(error instanceof FatalError)) throw error
      silent.set(rollup.chain.name, error.describe())
      return null
    })
  }
  return {
    async read(row: SequenceRow): Promise<WindowNow | null> {
      if (row.phase !== 'submit') return null
      return ask(
        rollups.find(({ name }) => name === row.rollup),
        (chain, rollup) => readWindow(chain, rollup, row),
      )
    },
    async note(rollup: Rollup): Promise<StatusReport['notes']> {
      if (rollup.genesisFile === null) return [] // no contract of 2023 is served without one
      const rules = await ask(rollup, readRulesOf2023)
      const loose = rules === null ? [] : [`its contract is one of 2023: ${LOOSE_RULES}`, ...rules.troubles]
      return [`its first state is that of ${rollup.genesisFile}`, ...loose].map((text) => ({
        rollup: rollup.name,
        text,
      }))
    },
    silent: () => [...silent].map(([chain, why]) => ({ chain, why })),
    troubles: () => [...opened.values()].flatMap((chain) => chain.troubles()),
  }
}
