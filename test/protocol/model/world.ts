/**
 * A chain that grows block by block, a miner that follows `nextStep` with ideal inclusion (what it sends is in the next
 * block), a rival, a sequencer and an admin who act at random, and reorgs that bring signed transactions back into the
 * mempool.
 */

import type { Hex } from '../../../protocol/base/ranges.ts'
import { nextStep, type Outcome, owesProof, type Step } from '../../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'
import { type Attempt, actAsAdmin, actAsRival, execute } from './actors.ts'
import { COST, copyChain, isDoomed, type ModelChain, type ModelSequence, prove, rulesOf } from './contract.ts'
import type { BlockEvent, Setting } from './events.ts'
import { viewOfModel } from './view.ts'

/** Blocks until a block is final; reorgs are never as deep. */
const FINALITY = 8

/** The state of one `sequence` workflow. */
export interface Loop {
  expected: Hex
  outcome: Outcome | null
  lastStep: Step | null
}

export class World {
  readonly setting: Setting
  /** State after each block; the index is its number. */
  history: ModelChain[]
  finalBlock = 0
  attempts: Attempt[] = []
  loops: (Loop | null)[]
  /** Final proofs of ours by data: hash, and the head from which they are stored. */
  readonly proofs = new Map<Hex, { hash: Hex; from: number }>()
  readonly cancelled = new Set<number>()
  isPausedByOperator = false
  /** Why what a full block kept waiting was refused in the end. */
  readonly refusedLate: string[] = []
  /** One line a block, for whoever reads a counterexample. */
  readonly log: string[] = []
  private postings = 0
  private given = 0

  constructor(setting: Setting) {
    this.setting = setting
    const { variant, t1, t2, lateBlocks, stake } = setting
    const sequences = Array.from({ length: setting.sequences }, emptySequence)
    const funds = { stake, locked: 0, claimable: 0, spent: 0, fines: [] }
    this.history = [{ variant, number: 0, t1, t2, lateBlocks, isPaused: false, sequences, ...funds }]
    this.loops = sequences.map(() => null)
  }

  get head(): ModelChain {
    return this.history.at(-1) as ModelChain
  }

  /** Builds one block. @throws Error when the miner would send what the contract refuses. */
  step(event: BlockEvent): void {
    if (event.reorgDepth > 0) this.reorg(event.reorgDepth)
    this.operate(event)
    this.startLoops()
    const sends = event.isMinerDown ? [] : this.decide(event)
    this.log.push(this.describe(event))
    this.assertAccepted(sends)
    const chain = this.nextBlock()
    if (!event.isMinerDown) this.markProvable(chain)
    if (event.relands && !event.isFull) this.reland(chain)
    if (event.rivalIsFirst) actAsRival(chain, event)
    for (const send of sends) this.include(chain, send, event)
    if (!event.rivalIsFirst) actAsRival(chain, event)
    actAsAdmin(chain, event)
    if (event.posts) this.post(chain, event.hasOtherData)
    this.history.push(chain)
    this.finalBlock = Math.max(this.finalBlock, chain.number - FINALITY)
  }

  view(index: number, chain = this.head): SequenceView {
    return viewOfModel(this, index, chain)
  }

  balance({ spent }: ModelChain): number {
    return this.setting.coins + this.given - spent
  }

  isCommitUnfinal(index: number): boolean {
    return this.attempts.some(
      (a) => a.kind === 'commit' && a.index === index && (a.block === null || a.block > this.finalBlock),
    )
  }

  /**
   * Tells what nobody waits for. In 2023 a longer T1 or T2 opens a round again after its end, however final, which is
   * given up once it is cancelled.
   */
  isGivenUp(index: number): boolean {
    return this.setting.variant === 'loose' && this.loops[index]?.outcome === 'cancelled'
  }

  private describe({ rival, sequence, admin, reorgDepth, isMinerDown, ...event }: BlockEvent): string {
    const steps = this.loops.map(
      (loop) => loop?.outcome ?? (loop?.lastStep?.kind === 'wait' ? loop.lastStep.code : loop?.lastStep?.kind),
    )
    const rivals =
      rival === 'none'
        ? ''
        : ` rival ${rival} ${sequence % this.setting.sequences}${event.rivalIsFirst ? ' first' : ''}`
    const others = `${reorgDepth ? ` reorg ${reorgDepth}` : ''}${admin === 'none' ? '' : ` ${admin} ${event.t1} ${event.t2}`}${isMinerDown ? ' down' : ''}`
    return `${this.head.number + 1}: ${steps.join(' | ')}${others}${rivals}${this.cancelled.size ? ` cancelled ${[...this.cancelled]}` : ''}`
  }

  private reorg(depth: number): void {
    // What is stored stays stored, however low the head is now.
    for (const proof of this.proofs.values()) if (proof.from <= this.head.number) proof.from = 0
    const height = Math.max(this.finalBlock, this.head.number - depth)
    this.history.length = height + 1
    for (const attempt of this.attempts) if (attempt.block !== null && attempt.block > height) attempt.block = null
  }

  private operate({ cancels, pausesOperator, sequence, topsUp }: BlockEvent): void {
    if (topsUp) this.given += 100
    if (cancels) this.cancelled.add(sequence % this.setting.sequences)
    this.isPausedByOperator = pausesOperator
  }

  private startLoops(): void {
    this.head.sequences.forEach(({ data, isVerified }, index) => {
      const loop = this.loops[index]
      const isOpen = loop === null || loop === undefined || (loop.outcome === 'replaced' && !isVerified)
      if (data !== null && isOpen) this.loops[index] = { expected: data, outcome: null, lastStep: null }
    })
  }

  private decide({ asleep }: BlockEvent): Attempt[] {
    const sends: Attempt[] = []
    this.loops.forEach((loop, index) => {
      if (loop === null || loop.outcome !== null || index === asleep) return
      const step = nextStep(this.view(index))
      loop.lastStep = step
      if (step.kind === 'done') loop.outcome = step.outcome
      if (step.kind === 'reprove') this.reprove(loop, index)
      if (step.kind === 'commit' || step.kind === 'prove' || step.kind === 'claim') {
        const hash = this.proofs.get(loop.expected)?.hash ?? '0x'
        sends.push({ kind: step.kind, index, hash, data: loop.expected, block: null })
      }
    })
    return sends.sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.index - b.index)
  }

  private reprove(loop: Loop, index: number): void {
    loop.expected = this.head.sequences[index]?.data ?? loop.expected
    if (this.proofs.has(loop.expected)) return
    this.proofs.set(loop.expected, {
      hash: `0xbeef${loop.expected.slice(2)}`,
      from: this.head.number + this.setting.provingBlocks,
    })
  }

  /**
   * Asserts the promise that is tested: given inclusion in the next block, nothing that we send is refused or useless.
   */
  private assertAccepted(sends: Attempt[]): void {
    const chain = this.nextBlock()
    for (const send of sends) {
      // One claim pays for all sequences, so each is judged alone.
      const error = execute(send.kind === 'claim' ? this.nextBlock() : chain, send)
      if (error !== null)
        throw new Error(`block ${chain.number}: ${send.kind} of sequence ${send.index} refused: ${error}`)
    }
  }

  private nextBlock(): ModelChain {
    const chain = copyChain(this.head)
    chain.number += 1
    return chain
  }

  private markProvable(chain: ModelChain): void {
    chain.sequences.forEach((sequence, index) => {
      // At a contract of 2023 the late proof of another sequence goes first: whatever else is sent before it is fined.
      if (chain.variant === 'loose' && this.view(index).owedLateProofs?.length) return
      const own = sequence.commitments.us
      const proof = this.provesNow(sequence)
      // Block R+T1 is left alone on purpose: in ours it belongs to the commit window.
      const isAfterCommits =
        sequence.round !== null && chain.number > sequence.round.start + rulesOf(chain, sequence.round).t1
      if (
        own &&
        proof &&
        isAfterCommits &&
        !this.isGivenUp(index) &&
        prove(copyChain(chain), 'us', index, proof) === null
      )
        own.wasProvable = true
    })
  }

  private provesNow({ data, commitments }: ModelSequence): { hash: Hex; data: Hex } | null {
    const proof = data === null ? undefined : this.proofs.get(data)
    const isStored = proof !== undefined && proof.from <= this.head.number && proof.hash === commitments.us?.hash
    return isStored && data !== null ? { hash: proof.hash, data } : null
  }

  private reland(chain: ModelChain): void {
    for (const attempt of this.attempts.filter((a) => a.block === null)) this.mine(chain, attempt)
  }

  /**
   * Sends a wanted transaction. One that is in the mempool already is the same one, and one for other data is replaced.
   */
  private include(chain: ModelChain, send: Attempt, { isFull }: BlockEvent): void {
    const isSameStep = (a: Attempt) => a.block === null && a.kind === send.kind && a.index === send.index
    this.attempts = this.attempts.filter((a) => !isSameStep(a))
    this.attempts.push(send)
    if (isFull) send.hasWaited = true
    else this.mine(chain, send)
  }

  private mine(chain: ModelChain, attempt: Attempt): void {
    if (this.balance(chain) < COST[attempt.kind]) return // no node takes it
    const trial = copyChain(chain)
    attempt.block = chain.number
    // A refused transaction reverts and is used up all the same.
    const error = execute(trial, attempt)
    if (error === null) Object.assign(chain, trial, { spent: trial.spent + COST[attempt.kind] })
    else if (attempt.hasWaited) this.refusedLate.push(error)
  }

  private post(chain: ModelChain, hasOtherData: boolean): void {
    const index = chain.sequences.findIndex((s) => s.data === null)
    const sequence = chain.sequences[index]
    if (sequence === undefined) return
    if (hasOtherData) this.postings += 1
    sequence.data = `0x${(index + 1).toString(16).padStart(2, '0')}${this.postings.toString(16).padStart(4, '0')}`
    sequence.postedAt = chain.number
  }
}

/** Tells whether a proof that we have is owed, or may come to be. */
export const owesAny = (world: World): boolean =>
  world.loops.some((loop, index) => {
    const view = world.view(index)
    return (
      loop !== null &&
      !world.isGivenUp(index) &&
      owesProof(view) &&
      view.finalProof?.proofHash === view.atHead.own?.proofHash
    )
  })

/** Lists penalties that are certain by now. */
export const doomed = (chain: ModelChain): { sequence: number; wasProvable: boolean }[] => [
  ...chain.fines,
  ...(chain.variant === 'loose' ? [] : chain.sequences).flatMap((s, sequence) =>
    isDoomed(chain, s) ? [{ sequence, wasProvable: s.commitments.us?.wasProvable === true }] : [],
  ),
]

const RANK = { prove: 0, commit: 1, claim: 2 } as const

const emptySequence = (): ModelSequence => ({
  data: null,
  postedAt: null,
  isVerified: false,
  round: null,
  commitments: { us: null, rival: null },
})
