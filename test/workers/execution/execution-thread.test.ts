import { setImmediate } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { FatalError, messageOf } from '../../../protocol/base/errors.ts'
import type { Replay, StoredState } from '../../../protocol/proof/replay.ts'
import { createExecutionThread, type ExecutionThread } from '../../../workers/execution/execution-thread.ts'
import { hash } from '../../db/fixtures.ts'
import { CELL, probe, WORDS, type Word } from './probe-kind.ts'

// The probe's executor says in which thread it runs, and how often that thread made a state of its bytes.

const IDS = { chainId: '1', forkId: '1' }

let thread: ExecutionThread
let bytesRead: number
beforeEach(() => {
  thread = createExecutionThread()
  bytesRead = 0
  onTestFinished(() => thread.close())
})

describe('executing batches', () => {
  test('happens in one other thread, whoever asks', async () => {
    const [one, other] = [await start(stored(0)), await start(stored(7))]
    const words = [await execute(one), await execute(other), await execute(one)]
    expect(words.map(({ isMainThread }) => isMainThread)).toEqual([false, false, false])
    expect(new Set(words.map((word) => word.threadId)).size).toBe(1)
    expect(words[0]?.threadId).not.toBe(threadId)
    expect([one.state.batchNum, other.state.batchNum]).toEqual([2, 8])
    expect(await one.snapshot()).toEqual(Uint8Array.of(2))
  })

  test('and decoding them does, after the state that is there', async () => {
    const replay = await start(stored(7))
    expect(await replay.decode('0x05')).toEqual({
      batches: [expect.objectContaining({ transactions: '0x05', globalExitRoot: hash(2) })],
      accInputHash: hash(12),
    })
  })

  test('lets the event loop of the asking thread go on, however long it takes', async () => {
    const cells = new Int32Array(new SharedArrayBuffer(8))
    const replay = await start({ ...stored(0), readSnapshot: async () => new Uint8Array(cells.buffer) })
    const executed = execute(replay, WORDS.hold)
    let turns = 0
    while (Atomics.load(cells, CELL.began) === 0) await setImmediate()
    for (; turns < 1_000; turns++) await setImmediate() // the other thread is busy all the while
    expect(replay.state.batchNum).toBe(0)
    Atomics.store(cells, CELL.mayEnd, 1)
    Atomics.notify(cells, CELL.mayEnd)
    await executed
    expect({ turns, batchNum: replay.state.batchNum }).toEqual({ turns: 1_000, batchNum: 1 })
  })

  test('makes the state of bytes once, however many sequences follow', async () => {
    let from = stored(0)
    for (let sequence = 1; sequence <= 3; sequence++) {
      const replay = await start(from)
      for (let batch = 0; batch < 4; batch++) expect(await execute(replay)).toMatchObject({ statesMade: 1 })
      replay.end()
      from = { ...stored(0), ...replay.state }
    }
    expect({ bytesRead, reached: from.batchNum }).toEqual({ bytesRead: 1, reached: 12 })
  })

  test('goes on from the first state without its bytes', async () => {
    const { snapshot, ...genesis } = await executor().genesis({ stateRoot: hash(0), state: '0x05' })
    expect(snapshot).toEqual(Uint8Array.of(5))
    expect(await execute(await start({ ...stored(5), ...genesis }))).toMatchObject({ statesMade: 0 })
    expect(bytesRead).toBe(0)
  })

  test('that refuses the data says so as the kind does, and the state stays', async () => {
    const replay = await start(stored(0))
    const error: unknown = await execute(replay, WORDS.refuse).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FatalError)
    expect(error).toMatchObject({
      ...{ name: 'ProbeError', code: 'TEST-PROBE', remedy: 'ask nothing.', batch: 9n },
      ...{ message: 'Batch of 9 is refused.', cause: { message: 'no such slot' } },
    })
    expect(messageOf(error)).toBe('Batch of 9 is refused. Fix: ask nothing. [TEST-PROBE]')
    expect(replay.state.batchNum).toBe(0)
    expect(await execute(replay)).toMatchObject({ isMainThread: false })
  })
})

describe('a thread that ends', () => {
  test.each([
    { how: 'exits', word: WORDS.exit, why: 'its exit code was 3' },
    { how: 'falls over an error that nobody waits for', word: WORDS.fall, why: 'nobody waits for this' },
  ])('because it $how fails all that wait, and is started again by the next', async ({ word, why }) => {
    const [guilty, other] = [await start(stored(0)), await start(stored(7))]
    const [first, second] = await Promise.allSettled([execute(guilty, word), execute(other)])
    expect(first).toMatchObject({
      reason: { code: 'ZKPOW-SEQUENCE-EXECUTION-THREAD', message: expect.stringContaining(why) },
    })
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'ExecutionThreadError' } })
    await expect(execute(other)).rejects.toThrow('ended') // its state is gone
    expect(await execute(await start(stored(7)))).toMatchObject({ isMainThread: false, statesMade: 1 })
  })

  test('because the process shuts down, whatever it does, leaves nobody waiting', async () => {
    const cells = new Int32Array(new SharedArrayBuffer(8))
    const replay = await start({ ...stored(0), readSnapshot: async () => new Uint8Array(cells.buffer) })
    const executed = execute(replay, WORDS.hold)
    while (Atomics.load(cells, CELL.began) === 0) await setImmediate()
    const refused = expect(executed).rejects.toMatchObject({ code: 'ZKPOW-SEQUENCE-EXECUTION-THREAD' })
    await thread.close()
    await refused
    await expect(start(stored(0))).rejects.toThrow('was stopped')
  })

  test('is none before the first call', async () => {
    executor()
    await thread.close() // it ends at once
    expect(process.getActiveResourcesInfo()).not.toContain('MessagePort')
  })
})

const executor = () => thread.executorOf(probe.module)

const start = (from: StoredState): Promise<Replay> => executor().startReplay(from)

const stored = (batchNum: number): StoredState => ({
  ...{ batchNum, stateRoot: hash(batchNum), accInputHash: hash(batchNum) },
  async readSnapshot() {
    bytesRead += 1
    return Uint8Array.of(batchNum)
  },
})

async function execute(replay: Replay, transactions: (typeof WORDS)[keyof typeof WORDS] = WORDS.work): Promise<Word> {
  const batch = { transactions, globalExitRoot: hash(0), timestamp: 9n, coinbase: '0x' } as const
  const { input } = await replay.execute(batch, IDS)
  return JSON.parse(new TextDecoder().decode(input)) as Word
}
