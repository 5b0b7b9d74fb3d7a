import type { AgreedBlocks } from '../../chain/create-chain.ts'
import { orUnknownAt } from '../../chain/endpoints/pruned-state.ts'
import type { Liability } from '../../protocol/base/budget.ts'
import type { IntentLook } from '../../protocol/sender/fates.ts'
import { isUntold, lastVerifiedBefore } from '../../protocol/sender/in-flight.ts'
import { type Intent, intentId, isProof, type SequenceIntent, type StakeIntent } from '../../protocol/sender/intent.ts'
import {
  type AccountFacts,
  type GateFacts,
  gateOf,
  type IntentFacts,
  intentsToJudge,
  whyProofWaits,
} from '../../protocol/sender/judge.ts'
import type { SequenceView } from '../../protocol/sequence/view.ts'
import type { RollupContext } from '../context.ts'
import { failureText } from '../errors.ts'
import { findStatement, judgeProof } from '../proof/final-proof.ts'
import { readView } from '../sequence/look-at-sequence.ts'
import { readLiabilitiesExcept } from '../sequence/read-liabilities.ts'
import { findSpentProof } from '../sequence/spent-proof.ts'
import { type SenderAccount, type SenderDeps, servedRollup } from './sender-account.ts'

interface Reading {
  deps: SenderDeps
  sender: SenderAccount
  /** The two blocks that the account is read at, or a transaction mined in between would be sent twice. */
  blocks: AgreedBlocks
  account: AccountFacts
}

/**
 * A pass, with the account's liabilities as a claim or a stake has to reckon with them: read once, if any asks. What a
 * commit looks at is read at one block of its own, liabilities included.
 */
interface Pass extends Reading {
  liabilitiesFor(rollup: RollupContext, intent: Intent): Promise<Liability[]>
}

/**
 * Reads what every intent of the queue and of the attempts is judged by, in sending order. All is read at once, because
 * proofs wait for the slowest. The account's other intents don't wait for one that can't be read. What is away for all
 * of them fails the pass in its own reads.
 */
export function readIntentFacts(queue: readonly Intent[], reading: Reading): Promise<IntentFacts[]> {
  const pass = { ...reading, liabilitiesFor: liabilitiesOnce(reading) }
  const read = (intent: Intent) =>
    readFacts(intent, pass).catch((error): IntentFacts => ({ kind: 'unread', intent, why: failureText(error) }))
  return Promise.all(intentsToJudge(queue, reading.account).map(read))
}

function liabilitiesOnce({ deps, blocks }: Reading): Pass['liabilitiesFor'] {
  let liabilitiesExcept: ReturnType<typeof readLiabilitiesExcept> | undefined
  return async (rollup, intent) => {
    liabilitiesExcept ??= readLiabilitiesExcept(deps, rollup, blocks.head)
    return (await liabilitiesExcept)(intentId(intent))
  }
}

async function readFacts(intent: Intent, pass: Pass): Promise<IntentFacts> {
  const rollup = servedRollup(pass.deps, pass.sender, intent.rollup)
  if (rollup === undefined) return { kind: 'unserved', intent }
  if (intent.step === 'stake') return readStake(intent, rollup, pass)
  const look = await readLook(intent, rollup, pass)
  // A gate costs more than all the rest, so it is read only for what the contract wants.
  const gate = gateOf(intent, look, pass.account)
  return { kind: 'sequence', intent, look, gate: gate && (await GATES[gate](intent, rollup, pass)) }
}

async function readStake(intent: StakeIntent, rollup: RollupContext, pass: Pass): Promise<IntentFacts> {
  const { head, final } = pass.blocks
  const { chain, contract, miner } = rollup
  const [atHead, atFinal] = await Promise.all([
    chain.readStake({ contract, miner, at: head }),
    orUnknownAt(final, (at) => chain.readStake({ contract, miner, at, isPast: true })),
  ])
  if (atHead === undefined || atFinal === undefined) return { kind: 'stake', intent, stake: null }
  const liabilities = await pass.liabilitiesFor(rollup, intent)
  const mostWei = chain.mostWei('stake', intent.contract)
  return { kind: 'stake', intent, stake: { atHead: { ...atHead, liabilities }, atFinal, mostWei } }
}

async function readLook(
  intent: SequenceIntent,
  rollup: RollupContext,
  { deps, blocks, account }: Pass,
): Promise<IntentLook> {
  const { chain, contract, miner } = rollup
  const { head, final } = blocks
  const [atHead, atFinal, isContractPaused, unpaidWei, lastVerified] = await Promise.all([
    chain.readOnChain({ contract, range: intent, miner, at: head }),
    orUnknownAt(final, (at) => chain.readOnChain({ contract, range: intent, miner, at, isPast: true })),
    chain.isPaused({ contract, at: head }),
    intent.step === 'claim' ? readUnpaid(rollup, blocks) : undefined,
    isProof(intent) ? chain.readLastVerified({ contract, at: head }) : undefined,
  ])
  const proof = isProof(intent) && {
    spentProofBlock: await findSpentProof(deps.db, rollup, { sequence: intent, atHead, head }),
  }
  return {
    ...{ head: head.number, final: final?.number ?? null, atHead, atFinal, isContractPaused },
    ...(unpaidWei && { unpaidWei }),
    ...(lastVerified !== undefined && { lastVerifiedBatch: lastVerifiedBefore(intent, lastVerified, account) }),
    ...proof,
  }
}

async function readUnpaid(
  { chain, contract, miner }: RollupContext,
  { head, final }: AgreedBlocks,
): Promise<IntentLook['unpaidWei']> {
  const [atHead, atFinal] = await Promise.all([
    chain.readClaimable({ contract, miner, at: head }),
    orUnknownAt(final, (at) => chain.readClaimable({ contract, miner, at, isPast: true })),
  ])
  return atHead === undefined || atFinal === undefined ? undefined : { atHead, atFinal }
}

type ReadGate = (intent: SequenceIntent, rollup: RollupContext, pass: Pass) => Promise<GateFacts>

const GATES: Record<GateFacts['step'], ReadGate> = {
  commit: async (intent, rollup, { deps }) => ({ step: 'commit', view: await readMeant(deps, rollup, intent) }),

  claim: async (intent, rollup, pass) => {
    const { chain, contract, miner } = rollup
    const [funds, liabilities] = await Promise.all([
      chain.readStake({ contract, miner, at: pass.blocks.head }),
      pass.liabilitiesFor(rollup, intent),
    ])
    return {
      step: 'claim',
      balanceWei: funds?.balanceWei ?? null,
      liabilities,
      mostWei: chain.mostWei('claim', contract),
    }
  },

  prove: async (intent, rollup, { deps, account, blocks }) => {
    const { chain, contract } = rollup
    const hasStatement = (await findStatement(deps, intent)) !== undefined
    const mayBeSpent =
      hasStatement && isUntold(intent, account) && (await chain.readGeneration({ contract })) === 'globals'
    const needs = { hasStatement, mayBeSpent }
    if (intent.finalProof === null || whyProofWaits(needs) !== null) return { step: 'prove', ...needs, verdict: null }
    // The sequence has asked, too: where no answer can be had now, the window goes on all the same.
    const asked = { kept: intent.finalProof, at: blocks.head }
    const verdict = await judgeProof(deps, rollup, intent, asked).catch(() => null)
    return { step: 'prove', ...needs, verdict }
  },
}

/** Reads the sequence as its gate has to see it for this very hash: with the proof that it stands for, or none. */
async function readMeant(deps: SenderDeps, rollup: RollupContext, intent: SequenceIntent): Promise<SequenceView> {
  const proofHash = intent.finalProof?.proofHash
  const view = await readView(deps, rollup, intent, { meant: proofHash })
  return view.finalProof?.proofHash === proofHash ? view : { ...view, finalProof: null }
}
