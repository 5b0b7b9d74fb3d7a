import { isMainThread, threadId } from 'node:worker_threads'
import { FatalError } from '../../../protocol/base/errors.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { KindDefinition, RollupState } from '../../../protocol/proof/rollup-kind.ts'
import type { Statement } from '../../../protocol/proof/statement.ts'

/** What an executor says about itself, in place of a prover's input. */
export interface Word {
  isMainThread: boolean
  threadId: number
  /** How often this thread made a state of bytes. */
  statesMade: number
}

/** What batches can say. */
export const WORDS = { work: '0x01', hold: '0x02', refuse: '0x03', exit: '0x04', fall: '0x05' } as const

/** Cells that a holding batch raises and waits for: it keeps its thread as busy as long work does. */
export const CELL = { began: 0, mayEnd: 1 } as const

export class ProbeError extends FatalError {
  static override readonly entry = { code: 'TEST-PROBE', happened: 'It was asked to.', remedy: 'ask nothing.' }
  override readonly name = 'ProbeError'
  readonly batch: bigint
  constructor(batch: bigint, cause: unknown) {
    super(`Batch of ${batch} is refused.`, { cause })
    this.batch = batch
  }
}

/** States that were made here, as a kind with a tree knows them. */
const made = new WeakSet<RollupState>()
let statesMade = 0

/** A kind that tells where it is executed, and does what batches say. The first bytes of its state are a number. */
export const probe: KindDefinition<null> = {
  name: 'probe',
  module: import.meta.url,
  namesMiner: false,
  newLocalExitRoot: hashOf(0),
  circuits: null,
  genesis: ({ state }) => stateOf(Number(state)),
  stateRootOf: (snapshot) => hashOf(snapshot[0] ?? 0),
  decodeSequence: (calldata) => [
    { transactions: calldata, globalExitRoot: hashOf(isMainThread ? 1 : 2), timestamp: 1n, coinbase: hashOf(0) },
  ],
  chainAccInputHash: (previous, { transactions }) => hashOf(Number(previous) + Number(transactions)),
  async executeBatch(before, { transactions, timestamp }) {
    if (!made.has(before)) statesMade += 1
    if (transactions === WORDS.refuse) throw new ProbeError(timestamp, new TypeError('no such slot'))
    if (transactions === WORDS.exit) process.exit(3)
    if (transactions === WORDS.fall)
      setImmediate(() => {
        throw new Error('nobody waits for this')
      })
    if (transactions === WORDS.fall) await new Promise(() => {})
    if (transactions === WORDS.hold) hold(before.snapshot)
    const word: Word = { isMainThread, threadId, statesMade }
    const after = stateOf(before.batchNum + 1)
    return { statement: {} as Statement, input: new TextEncoder().encode(JSON.stringify(word)), after }
  },
  finalInput: () => new Uint8Array(),
}

/**
 * Raises a cell, and waits for another.
 * @param memory shared with the test: a state's bytes are handed in as they are.
 */
function hold(memory: Uint8Array): void {
  const cells = new Int32Array(memory.buffer)
  Atomics.store(cells, CELL.began, 1)
  Atomics.wait(cells, CELL.mayEnd, 0)
}

function stateOf(batchNum: number): RollupState {
  const snapshot = Uint8Array.of(batchNum)
  const state = { batchNum, stateRoot: hashOf(batchNum), accInputHash: hashOf(batchNum), snapshot }
  made.add(state)
  return state
}

function hashOf(value: number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}
