import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Harness, testParams } from './harness.ts'
import { apply } from './model.ts'
import { ModelDriver } from './model-driver.ts'
import { observeChain, observeModel } from './model-observe.ts'
import { lastBlock, lastVerified, lockedOf, type Model, newModel, type Step, sum } from './model-state.ts'
import { edgeArbitrary, type Jump, type Scene, sceneArbitrary, sceneParts, stepArbitrary } from './model-steps.ts'

const RUNS = 40
const STEPS = 40
const miners = ['alice', 'bob', 'carol']

/** Amounts are counted in wei or in these, which fill the upper halves of the fields that they are packed in. */
const LARGE = 2n ** 108n

/** Every run begins with these: stake, a pool that lasts for three rewards and a half, and three sequences to prove. */
const opening: Step[] = [
  ...miners.map((miner, i): Step => ({ do: 'deposit', miner, amount: 1_500n + BigInt(i) * 333n })),
  { do: 'fund', amount: 3_500n },
  { do: 'sequence', batches: 2 },
  { do: 'sequence', batches: 1 },
  { do: 'sequence', batches: 3 },
]

/** What the random steps must have met, or the test is weaker than it looks. */
const mustHappen = [
  ...['commit:ok', 'commit:penalised', 'commit:CommittedProofHash', 'commit:CommittedTimeout', 'commit:CommittedProof'],
  ...[
    'commit:InsufficientPledge',
    'prove:verified',
    'prove:released',
    'prove:SubmitProofEarly',
    'prove:SubmitProofTooLate',
  ],
  ...['prove:ErrCommitProof', 'prove:CommittedProof', 'prove:InvalidProofHash', 'prove:InvalidProof'],
  ...['prove:InitNumBatchAboveLastVerifiedBatch', 'prove:OnlyNotEmergencyState', 'settle:penalised', 'settle:credited'],
  ...[
    'settle:released',
    'settle:RoundUndecided',
    'claim:credited',
    'withdraw:ok',
    'withdraw:InsufficientUnlockedStake',
  ],
  ...['pause:ok', 'unpause:ok', 'set:ok', 'set:OnlyOwner'],
]

type Real = { driver: ModelDriver; wallets: Map<string, bigint>; met: Map<string, number>; unit: bigint }
type Held = { model: Model }

let chain: Harness
beforeAll(async () => {
  chain = await Harness.start()
  for (const address of chain.accounts) await chain.client.setBalance({ address, value: 2n ** 13n * LARGE })
})
afterAll(() => chain?.anvil.stop())

test('the contract does what the model does, and accounts for every wei, whatever is done to it', async () => {
  const met = new Map<string, number>()
  const seed = Date.now() % 2 ** 31
  console.log(`contract against model: ${RUNS} runs of up to ${STEPS} steps, seed ${seed}`)
  const step = stepArbitrary(miners).map((one) => new Act(one))
  const jump = edgeArbitrary.map((one) => new MineToEdge(one))
  const scene = sceneArbitrary(miners).map((one) => new Play(one))
  // A bias towards short runs would never get to the end of a round.
  const commands = fc.noBias(fc.commands([step, step, step, jump, scene, scene], { maxCommands: STEPS, size: 'max' }))
  const property = fc.asyncProperty(commands, fc.constantFrom(1n, LARGE), async (steps, unit) => {
    const snapshot = await chain.client.snapshot()
    const first = unit === 1n ? opening : [...ruleSteps(), ...opening]
    try {
      await fc.asyncModelRun(() => freshPair(met, unit), [...first.map((step) => new Act(step)), ...steps])
    } finally {
      await chain.client.revert({ id: snapshot })
    }
  })
  await fc.assert(property, { seed, numRuns: RUNS, interruptAfterTimeLimit: 120_000 })
  console.log(
    [...met]
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  )
  expect([...met.keys()]).toEqual(expect.arrayContaining(mustHappen))
})

/** Does a step on both sides: the answer must be the same, and then all that is to see. */
class Act implements fc.AsyncCommand<Held, Real> {
  readonly step: Step
  constructor(step: Step) {
    this.step = step
  }
  check(): boolean {
    return true
  }
  async run(held: Held, { driver, wallets, met, unit }: Real): Promise<void> {
    const step = inUnits(this.step, unit)
    const { answer, model } = apply(held.model, step)
    expect(await driver.act(step, held.model)).toBe(answer)
    const event = `${step.do}:${answer === 'ok' ? effect(held.model, model) : answer}`
    met.set(event, (met.get(event) ?? 0) + 1)
    held.model = model
    expect(await observeChain(driver, wallets)).toEqual(observeModel(model))
  }
  toString(): string {
    return shown(this.step)
  }
}

/** Lets blocks go by until the next one is at an edge of a window. */
class MineToEdge implements fc.AsyncCommand<Held, Real> {
  readonly jump: Jump
  constructor(jump: Jump) {
    this.jump = jump
  }
  check({ model }: Held): boolean {
    return this.blocks(model) > 0
  }
  async run({ model }: Held, { driver }: Real): Promise<void> {
    const blocks = this.blocks(model)
    await driver.chain.mine(blocks)
    model.head += blocks
  }
  toString(): string {
    return `mine until the next block is ${this.jump.edge} of sequence ${this.jump.sequence}`
  }
  private blocks({ head, sequences }: Model): number {
    const round = sequences[this.jump.sequence]?.round
    if (round === undefined) return 0
    const firstProof = round.start + round.commitBlocks + 1
    return (
      { lastCommit: firstProof - 1, firstProof, lastProof: lastBlock(round), over: lastBlock(round) + 1 }[
        this.jump.edge
      ] -
      1 -
      head
    )
  }
}

/** Plays a scene on both sides, and compares every step of it. */
class Play implements fc.AsyncCommand<Held, Real> {
  readonly scene: Scene
  constructor(scene: Scene) {
    this.scene = scene
  }
  check(): boolean {
    return true
  }
  async run(held: Held, real: Real): Promise<void> {
    const verified = held.model.sequences.filter(({ round }) => (round?.verifiedAt ?? 0) > 0).length
    for (const part of sceneParts(this.scene, Math.max(0, verified + this.scene.ahead))) {
      const command = 'edge' in part ? new MineToEdge(part) : new Act(part)
      if (command.check(held)) await command.run(held, real)
    }
  }
  toString(): string {
    return shown(this.scene)
  }
}

/** Tells what an accepted step brought about. */
function effect(before: Model, after: Model): string {
  if (lastVerified(after) > lastVerified(before)) return 'verified'
  if (after.treasury > before.treasury) return 'penalised'
  const credited = (model: Model) => sum(model.sequences.map((sequence) => sequence.credited))
  if (credited(after) > credited(before)) return after.pool > before.pool ? 'credited+dust' : 'credited'
  const locked = (model: Model) => sum(miners.map((miner) => lockedOf(model, miner)))
  return locked(after) < locked(before) ? 'released' : 'ok'
}

const shown = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))

const AMOUNTS = ['minDeposit', 'penalty', 'reward'] as const

/** Makes the rules that a run in large units begins with, in its units. */
const ruleSteps = (): Step[] =>
  [testParams.minDeposit, testParams.penalty, testParams.rewardPerSequence].map((value, i) => {
    return { do: 'set', rule: AMOUNTS[i] ?? 'reward', value: Number(value) }
  })

/** Gives the step with its amounts in another unit, which is a power of two, so that numbers stay exact. */
function inUnits(step: Step, unit: bigint): Step {
  if ('amount' in step) return { ...step, amount: step.amount * unit }
  const isAmount = step.do === 'set' && AMOUNTS.some((one) => one === step.rule)
  return isAmount ? { ...step, value: step.value * Number(unit) } : step
}

async function freshPair(met: Map<string, number>, unit: bigint): Promise<{ model: Held; real: Real }> {
  const { commitBlocks, proveBlocks, lateProofBlocks, minDeposit, penalty, rewardPerSequence: reward } = testParams
  const rules = { commitBlocks, proveBlocks, lateProofBlocks: Number(lateProofBlocks), minDeposit, penalty, reward }
  const driver = new ModelDriver(chain, miners)
  const owners = [['treasury', chain.treasury] as const, ...Object.entries(driver.miners)]
  const balances = owners.map(async ([name, address]) => [name, await chain.client.getBalance({ address })] as const)
  const real = { driver, wallets: new Map(await Promise.all(balances)), met, unit }
  return { model: { model: newModel(await chain.head(), rules, miners) }, real }
}
