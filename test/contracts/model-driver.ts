import type { Address, Hex } from 'viem'
import type { Call, Harness } from './harness.ts'
import { claiming, committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import type { Model, ProofBytes, Rules, Step } from './model-state.ts'
import { forgedProof, nextSequence, proofOf, type TestSequence } from './sequences.ts'

/** Does the model's steps on the real contract. */
export class ModelDriver {
  readonly chain: Harness
  readonly miners: Record<string, Address>
  sequences: TestSequence[] = []

  constructor(chain: Harness, names: readonly string[]) {
    this.chain = chain
    this.miners = Object.fromEntries(names.map((name, i) => [name, chain.account(4 + i)]))
  }

  /** Does the step in a block of its own; answers `ok` or the error it is refused with. */
  async act(step: Step, model: Model): Promise<string> {
    const answer = await this.chain.act(this.callOf(step, model))
    if (answer === 'ok' && step.do === 'sequence')
      this.sequences.push(nextSequence(this.sequences.at(-1), step.batches))
    return answer
  }

  addressOf(name: string): Address {
    const address = this.miners[name]
    if (address === undefined) throw new Error(`There is no miner ${name}.`)
    return address
  }

  /** Finds the sequence of this number, or makes the one that would come next. */
  sequenceOf(index: number): TestSequence {
    return this.sequences[index] ?? nextSequence(this.sequences.at(-1), 1)
  }

  /** Makes a call of the step; `model` knows what a prover has committed. */
  callOf(step: Step, model: Model): Call {
    const { owner, sequencer, stranger } = this.chain
    switch (step.do) {
      case 'deposit':
        return staking(this.addressOf(step.miner), step.amount)
      case 'withdraw':
        return { from: this.addressOf(step.miner), functionName: 'withdraw', args: [step.amount] }
      case 'fund':
        return { from: stranger, functionName: 'fundRewards', args: [], value: step.amount }
      case 'sequence':
        return sequencing(
          step.by === 'stranger' ? stranger : sequencer,
          nextSequence(this.sequences.at(-1), step.batches),
        )
      case 'commit':
        return committing(this.addressOf(step.miner), this.sequenceOf(step.sequence), this.bytesOf(step, step.proof))
      case 'prove':
        return proving(
          this.addressOf(step.miner),
          this.sequenceOf(step.sequence),
          this.bytesOf(step, shownProof(step, model)),
        )
      case 'settle':
        return settling(stranger, this.sequenceOf(step.sequence), this.addressOf(step.miner))
      case 'claim':
        return claiming(
          this.addressOf(step.miner),
          step.sequences.map((index) => this.sequenceOf(index)),
        )
      case 'withdrawTreasury':
        return { from: stranger, functionName: 'withdrawTreasury', args: [] }
      case 'pause':
        return { from: owner, functionName: 'activateEmergencyState', args: [] }
      case 'unpause':
        return { from: owner, functionName: 'deactivateEmergencyState', args: [] }
      case 'set':
        return { ...setterCall(step.rule, step.value), from: step.by === 'stranger' ? stranger : owner }
    }
  }

  private bytesOf(step: { miner: string; sequence: number }, proof: ProofBytes): Hex {
    const sequence = this.sequenceOf(step.sequence)
    if (proof.kind === 'forged') return forgedProof(proof.salt)
    const names = Object.keys(this.miners)
    const rival = names[(names.indexOf(step.miner) + 1) % names.length] ?? step.miner
    return proofOf(sequence, this.addressOf(proof.kind === 'stolen' ? rival : step.miner), proof.salt)
  }
}

/** Gives what the miner shows: what it committed, unless the step says otherwise. */
const shownProof = (step: Step & { do: 'prove' }, model: Model): ProofBytes =>
  step.other ?? model.sequences[step.sequence]?.commits[step.miner]?.proof ?? { kind: 'good', salt: 0 }

function setterCall(rule: keyof Rules, value: number): Omit<Call, 'from'> {
  const amount = BigInt(value)
  const setters = {
    commitBlocks: { functionName: 'setProofHashCommitEpoch', args: [value] },
    proveBlocks: { functionName: 'setProofCommitEpoch', args: [value] },
    lateProofBlocks: { functionName: 'setLateProofBlocks', args: [amount] },
    minDeposit: { functionName: 'setMinDeposit', args: [amount] },
    penalty: { functionName: 'setNoProofPunishAmount', args: [amount] },
    reward: { functionName: 'setRewardPerSequence', args: [amount] },
  } as const
  return setters[rule]
}
