import type { Hex } from '../../../protocol/base/ranges.ts'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { FeeMarket, Fees } from '../../../protocol/sender/fees.ts'
import { nonceInFlight } from '../../../protocol/sender/in-flight.ts'
import { canLand, enqueue, type Intent, intentId } from '../../../protocol/sender/intent.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderAction, SenderView, UnfinalAttempt } from '../../../protocol/sender/view.ts'

/** What goes wrong, or happens, between two passes of the sender. */
export type SimulatedEvent =
  | { kind: 'intent'; intent: Intent }
  | { kind: 'block'; baseFee: bigint; takes: number }
  | { kind: 'reorg'; depth: number }
  | { kind: 'pool-emptied' }
  | { kind: 'foreign' }
  /** A reorg brings other posted data: what is for the old must not land any more. */
  | { kind: 'other-data' }
  | { kind: 'lost-send' }
  /** Postgres is emptied. */
  | { kind: 'rows-lost' }
  /** From now on nothing for the sequence from batch `from` can be judged, or signed, or may land; null ends it. */
  | { kind: 'trouble'; of: 'judging' | 'signing' | 'harming'; from: number | null }

/** Blocks behind the head that count as final. */
const FINAL_DEPTH = 6

const CAP = 1_000n

interface SimulatedBlock {
  /** Transactions in it, by nonce; null is one that isn't ours. */
  txs: { nonce: number; attempt: number | null; status: 'success' | 'reverted' }[]
  effects: string[]
}

/** Simulates a chain, a pool and an attempts table, without any I/O: the world that a sender acts in. */
export class SenderSimulation {
  readonly blocks: SimulatedBlock[] = [{ txs: [], effects: [] }]
  pool = new Map<number, { attempt: number; intent: Intent | null; fees: Fees }>()
  rows: UnfinalAttempt[] = []
  queue: Intent[] = []
  baseFee = 10n
  losesNextSend = false
  data: Hex = '0x00'
  troubled: Record<'judging' | 'signing' | 'harming', number | null> = { judging: null, signing: null, harming: null }

  get head(): number {
    return this.blocks.length - 1
  }

  nonceAt(block: number): number {
    return this.blocks.slice(0, Math.max(0, block) + 1).flatMap((one) => one.txs).length
  }

  hasEffect(intent: Intent, block = this.head): boolean {
    return this.blocks.slice(0, Math.max(0, block) + 1).some((one) => one.effects.includes(intentId(intent)))
  }

  view(): SenderView {
    const all = [...this.rows.flatMap((row) => row.intent ?? []), ...this.queue]
    return {
      head: this.head,
      nonceAtHead: this.nonceAt(this.head),
      nonceAtFinal: this.nonceAt(this.head - FINAL_DEPTH),
      attempts: this.rows.map((row) => ({ ...row, receipt: this.receiptOf(row) })),
      queue: this.queue,
      fates: Object.fromEntries(all.map((intent) => [intentId(intent), this.fateOf(intent)])),
      market: this.market(),
      limits: { maxFeePerGasWei: CAP, patienceBlocks: 3 },
    }
  }

  /** Carries out a plan as the activity does. */
  carryOut(actions: readonly SenderAction[]): void {
    for (const action of actions) {
      if (action.kind === 'finish') this.rows = this.rows.filter((row) => row.nonce !== action.nonce)
      if (action.kind === 'drop') this.queue = this.queue.filter((intent) => intent !== action.intent)
      if (action.kind === 'sign') {
        const { nonce, attempt, intent, fees } = action
        this.rows.push({
          nonce,
          attempt,
          intent,
          fees,
          txHash: `0x${nonce}${attempt}`,
          sentAtBlock: null,
          receipt: null,
        })
      }
      if (action.kind === 'sign' || action.kind === 'broadcast') this.send(action)
    }
  }

  /** Plans until all of it can be signed, as the activity does. */
  pass(view = this.view()): SenderAction[] {
    const { actions } = planSending(view)
    const unsigned = actions.flatMap((action) =>
      action.kind === 'sign' && this.isUnsignable(action.intent) ? [intentId(action.intent)] : [],
    )
    if (unsigned.length > 0) {
      const held = unsigned.map((id): [string, IntentFate] => [id, { kind: 'held', why: 'no bytes' }])
      return this.pass({ ...view, fates: { ...view.fates, ...Object.fromEntries(held) } })
    }
    this.carryOut(actions)
    return actions
  }

  isUnsignable(intent: Intent | null): intent is Intent {
    return intent !== null && intent.step !== 'stake' && intent.from === this.troubled.signing
  }

  happen(event: SimulatedEvent): void {
    if (event.kind === 'intent') this.queue = enqueue(this.queue, this.ofToday(event.intent))
    if (event.kind === 'rows-lost') this.rows = []
    if (event.kind === 'pool-emptied') this.pool.clear()
    if (event.kind === 'other-data') this.data = `${this.data}01`
    if (event.kind === 'trouble') this.troubled[event.of] = event.from
    if (event.kind === 'lost-send') this.losesNextSend = true
    if (event.kind === 'foreign') this.mine([{ nonce: this.nonceAt(this.head), attempt: null, status: 'success' }])
    if (event.kind === 'reorg') this.blocks.splice(Math.max(1, this.blocks.length - Math.min(event.depth, FINAL_DEPTH)))
    if (event.kind === 'block') {
      this.baseFee = event.baseFee
      this.mineFromPool(event.takes)
    }
  }

  private ofToday(intent: Intent): Intent {
    return intent.step === 'stake' ? intent : { ...intent, accInputHash: this.data }
  }

  private market(): FeeMarket {
    return { baseFeePerGas: this.baseFee, priorityFeePerGas: 1n }
  }

  private fateOf(intent: Intent): IntentFate {
    if (intent.step !== 'stake' && intent.from === this.troubled.judging) return { kind: 'unjudged', why: 'no answer' }
    if (this.hasEffect(intent)) return { kind: 'done', isFinal: this.hasEffect(intent, this.head - FINAL_DEPTH) }
    const isOfOldData = intent.step !== 'stake' && intent.step !== 'claim' && intent.accInputHash !== this.data
    if (isOfOldData) return { kind: 'hopeless', why: 'other data' }
    if (intent.step === 'stake' || intent.from !== this.troubled.harming) return { kind: 'wanted' }
    const isOut = nonceInFlight(intent, { attempts: this.rows, nonceAtHead: this.nonceAt(this.head) }) !== undefined
    return { kind: isOut ? 'harmful' : 'held', why: 'a penalty' }
  }

  private receiptOf(row: UnfinalAttempt): UnfinalAttempt['receipt'] {
    for (const [blockNumber, block] of this.blocks.entries()) {
      const tx = block.txs.find((one) => one.nonce === row.nonce && one.attempt === row.attempt)
      if (tx) return { blockNumber, status: tx.status }
    }
    return null
  }

  private send({ nonce, attempt }: { nonce: number; attempt: number }): void {
    const row = this.rows.find((one) => one.nonce === nonce && one.attempt === attempt)
    if (!row) throw new Error('broadcast of an attempt that was not stored')
    row.sentAtBlock ??= this.head
    if (this.losesNextSend) {
      this.losesNextSend = false
      return
    }
    const pooled = this.pool.get(nonce)
    const replaces =
      !pooled ||
      (pooled.fees.maxFeePerGas * 11n <= row.fees.maxFeePerGas * 10n &&
        pooled.fees.maxPriorityFeePerGas < row.fees.maxPriorityFeePerGas)
    if (replaces && nonce >= this.nonceAt(this.head))
      this.pool.set(nonce, { attempt, intent: row.intent, fees: row.fees })
  }

  private mineFromPool(takes: number): void {
    const txs: SimulatedBlock['txs'] = []
    const effects: string[] = []
    for (let nonce = this.nonceAt(this.head); txs.length < takes; nonce++) {
      const tx = this.pool.get(nonce)
      if (!tx || tx.fees.maxFeePerGas < this.baseFee) break
      const runs = tx.intent === null || this.accepts(tx.intent, effects)
      txs.push({ nonce, attempt: tx.attempt, status: runs ? 'success' : 'reverted' })
      if (runs && tx.intent) effects.push(intentId(tx.intent))
    }
    this.mine(txs, effects)
  }

  /** Tells whether the contract takes a call. It takes a deposit as often as it comes. */
  private accepts(intent: Intent, effects: readonly string[]): boolean {
    if (intent.step === 'stake') return true
    return canLand(intent, this.head) && !this.hasEffect(intent) && !effects.includes(intentId(intent))
  }

  private mine(txs: SimulatedBlock['txs'], effects: string[] = []): void {
    this.blocks.push({ txs, effects })
    for (const nonce of this.pool.keys()) if (nonce < this.nonceAt(this.head)) this.pool.delete(nonce)
  }
}
