/**
 * The two-step rule as a plain program: what the contract must do, written from the rules and not from its code. Every
 * accepted step is one block. Amounts are wei; miners have names, sequences are numbered from 0.
 */

import {
  lastBlock,
  lastSequenced,
  lastVerified,
  liveRound,
  lockedOf,
  type Model,
  type ModelCommit,
  type ModelMiner,
  type ModelRound,
  type ModelSequence,
  openCommits,
  type ProofBytes,
  provedCommits,
  type Step,
  sum,
} from './model-state.ts'

/** Says that the contract refuses with this custom error. */
class Refusal extends Error {}

/** Does the step in block head+1. A refused step leaves the model as it was. */
export function apply(model: Model, step: Step): { answer: string; model: Model } {
  const next = structuredClone(model)
  next.head += 1
  try {
    perform(next, step)
    return { answer: 'ok', model: next }
  } catch (error) {
    if (error instanceof Refusal) return { answer: error.message, model }
    throw error
  }
}

/** What each kind of step does. */
const actions: { [kind in Step['do']]: (model: Model, step: Extract<Step, { do: kind }>) => void } = {
  deposit,
  withdraw,
  fund,
  sequence,
  commit,
  prove,
  settle,
  claim,
  withdrawTreasury,
  set: setRule,
  pause,
  unpause,
}

function perform(model: Model, step: Step): void {
  const action: (model: Model, step: never) => void = actions[step.do]
  action(model, step as never)
}

function deposit(model: Model, { miner: name, amount }: { miner: string; amount: bigint }): void {
  const miner = minerOf(model, name)
  miner.stake += amount
  miner.wallet -= amount
}

function withdraw(model: Model, { miner: name, amount }: { miner: string; amount: bigint }): void {
  const miner = minerOf(model, name)
  refuseIf(amount > miner.stake - lockedOf(model, name), 'InsufficientUnlockedStake')
  stakeLeaves(model, name, amount)
  miner.wallet += amount
}

function fund(model: Model, { amount }: { amount: bigint }): void {
  model.pool += amount
}

function sequence(model: Model, { batches, by }: Step & { do: 'sequence' }): void {
  refuseIf(model.isPaused, 'OnlyNotEmergencyState')
  refuseIf(by === 'stranger', 'OnlyTrustedSequencer')
  const reward = min(model.pool, model.rules.reward)
  model.pool -= reward
  const init = lastSequenced(model)
  model.sequences.push({ init, final: init + batches, reward, credited: 0n, commits: {} })
}

function commit(model: Model, { miner, sequence: index, proof }: Step & { do: 'commit' }): void {
  refuseIf(model.isPaused, 'OnlyNotEmergencyState')
  const sequence = model.sequences[index]
  refuseIf((sequence?.round?.verifiedAt ?? 0) > 0, 'CommittedProof')
  const old = sequence?.commits[miner]
  if (sequence !== undefined && old !== undefined && !old.isSettled) {
    refuseIf(outcome(model, old.round) === 'open', 'CommittedProofHash')
    decide(model, sequence, miner, old)
  }
  refuseIf(minerOf(model, miner).stake < model.rules.minDeposit, 'InsufficientPledge')
  if (sequence === undefined) throw unsequenced(model)
  const round = joinOrOpen(model, sequence)
  const { stake } = minerOf(model, miner)
  refuseIf(round.penalty > stake - lockedOf(model, miner), 'InsufficientPledge')
  sequence.commits[miner] = {
    round,
    proof,
    stakeThen: stake,
    leftSince: 0n,
    counted: 0n,
    isProved: false,
    isSettled: false,
  }
}

function joinOrOpen(model: Model, sequence: ModelSequence): ModelRound {
  const round = liveRound(sequence)
  if (round === undefined || model.head > lastBlock(round)) {
    sequence.round = { ...model.rules, start: model.head, isVoid: false, verifiedAt: 0 }
    return sequence.round
  }
  refuseIf(model.head > round.start + round.commitBlocks, 'CommittedTimeout')
  return round
}

function prove(model: Model, { miner, sequence: index, other }: Step & { do: 'prove' }): void {
  refuseIf(model.isPaused, 'OnlyNotEmergencyState')
  const sequence = model.sequences[index]
  if (sequence === undefined) throw unsequenced(model)
  const round = liveRound(sequence)
  const own = sequence.commits[miner]
  refuseIf(round !== undefined && model.head <= round.start + round.commitBlocks, 'SubmitProofEarly')
  refuseIf(own?.round.start !== round?.start, 'ErrCommitProof')
  if (round === undefined || own === undefined) throw new Refusal('CommittedProofHash')
  refuseIf(model.head > lastBlock(round), 'SubmitProofTooLate')
  refuseIf(own.isProved, 'CommittedProof')
  refuseIf(sequence.init > lastVerified(model), 'InitNumBatchAboveLastVerifiedBatch')
  refuseIf(other !== undefined && !sameBytes(other, own.proof), 'InvalidProofHash')
  refuseIf(own.proof.kind !== 'good', 'InvalidProof')
  if (round.verifiedAt === 0) round.verifiedAt = model.head
  own.isProved = true
  own.counted = max(own.stakeThen - own.leftSince, max(round.penalty, 1n))
}

function settle(model: Model, { miner, sequence: index }: Step & { do: 'settle' }): void {
  const sequence = model.sequences[index]
  const own = sequence?.commits[miner]
  if (sequence === undefined || own === undefined) throw new Refusal('NothingCommitted')
  refuseIf(own.isSettled, 'AlreadySettled')
  refuseIf(outcome(model, own.round) === 'open', 'RoundUndecided')
  decide(model, sequence, miner, own)
}

function claim(model: Model, { miner: name, sequences }: Step & { do: 'claim' }): void {
  for (const index of sequences) {
    const sequence = model.sequences[index]
    const own = sequence?.commits[name]
    if (sequence === undefined || own === undefined || own.isSettled || outcome(model, own.round) === 'open') continue
    decide(model, sequence, name, own)
  }
  const miner = minerOf(model, name)
  miner.wallet += miner.claimable
  miner.claimable = 0n
}

/** Decides on penalty, share, or nothing. The lock ends by being settled. */
function decide(model: Model, sequence: ModelSequence, miner: string, own: ModelCommit): void {
  own.isSettled = true
  if (own.isProved) creditShare(model, sequence, miner, own)
  else if (outcome(model, own.round) === 'expired') penalise(model, miner, own.round.penalty)
}

function penalise(model: Model, miner: string, penalty: bigint): void {
  stakeLeaves(model, miner, penalty)
  model.treasury += penalty
}

function creditShare(model: Model, sequence: ModelSequence, miner: string, own: ModelCommit): void {
  const proved = provedCommits(sequence)
  const share = (sequence.reward * own.counted) / sum(proved.map((commit) => commit.counted))
  sequence.credited += share
  minerOf(model, miner).claimable += share
  if (proved.every((commit) => commit.isSettled)) model.pool += sequence.reward - sequence.credited
}

function setRule(model: Model, { rule, value, by }: Step & { do: 'set' }): void {
  refuseIf(by === 'stranger', 'OnlyOwner')
  refuseIf(value === 0 && (rule === 'commitBlocks' || rule === 'proveBlocks'), 'InvalidParameter')
  const isAmount = rule === 'minDeposit' || rule === 'penalty' || rule === 'reward'
  model.rules = { ...model.rules, [rule]: isAmount ? BigInt(value) : value }
}

function pause(model: Model): void {
  refuseIf(model.isPaused, 'OnlyNotEmergencyState')
  model.isPaused = true
  for (const { round } of model.sequences) {
    if (round !== undefined && round.verifiedAt === 0 && model.head <= lastBlock(round)) round.isVoid = true
  }
}

function unpause(model: Model): void {
  refuseIf(!model.isPaused, 'OnlyEmergencyState')
  model.isPaused = false
}

function withdrawTreasury(model: Model): void {
  model.treasuryWallet += model.treasury
  model.treasury = 0n
}

function outcome(model: Model, round: ModelRound): 'open' | 'void' | 'verified' | 'expired' {
  if (round.isVoid) return 'void'
  if (model.head <= lastBlock(round)) return 'open'
  return round.verifiedAt > 0 ? 'verified' : 'expired'
}

function stakeLeaves(model: Model, name: string, amount: bigint): void {
  minerOf(model, name).stake -= amount
  for (const commit of openCommits(model, name)) commit.leftSince += amount
}

const unsequenced = (model: Model): Refusal =>
  new Refusal(lastSequenced(model) === 0 ? 'NewAccInputHashDoesNotExist' : 'ErrSequencerRange')

function refuseIf(isRefused: boolean, error: string): void {
  if (isRefused) throw new Refusal(error)
}

function minerOf(model: Model, name: string): ModelMiner {
  const miner = model.miners[name]
  if (miner === undefined) throw new Error(`The model has no miner ${name}.`)
  return miner
}

const sameBytes = (a: ProofBytes, b: ProofBytes): boolean => a.kind === b.kind && a.salt === b.salt
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
