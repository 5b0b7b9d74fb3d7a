import { type Fault, type RpcCall, type RpcProxy, startRpcProxy } from './rpc-proxy.ts'

/**
 * Habits of nodes and providers, to be put together as they come in the world: limits, other codes, indexing, several
 * nodes behind one address, other block numbers. They are in block-habits.ts, provider-habits.ts and receipt-habits.ts.
 * Each is honest; lies are in rpc-faults.ts. A front plays any number of them over a real node, and they can be changed
 * while it runs:
 *
 *     const front = await startRpcFront(anvil.url, [limitsLogs({ blocks: 10 }), limitsBatches(3)]) front.habits =
 *     [balances(1, headOf)]
 *
 * A call goes through the habits in their order: the first one that refuses it, hangs or makes up an answer decides;
 * changes to answers add up. A habit with a memory (`balances`, `limitsBatches`) belongs to one front.
 */
export interface Habit {
  /** Tells what is done about a call; undefined leaves it alone. It may change the call's parameters. */
  call?: (call: RpcCall, request: number) => Fault | undefined
  /** Tells what is answered to a request of several calls instead of carrying it out; undefined carries it out. */
  batch?: (calls: readonly RpcCall[]) => BatchRefusal | undefined
  /** Changes the list of answers to a request of several calls. */
  answers?: (answers: readonly object[]) => unknown
}

/** An HTTP status and a body, or a dropped connection. */
export type BatchRefusal = { status: number; body: unknown } | 'drop'

export interface RpcFront extends RpcProxy {
  habits: readonly Habit[]
  /** Most calls that came in one request. */
  largestBatch: number
}

/** @param target address of the real node. */
export async function startRpcFront(target: string, habits: readonly Habit[] = []): Promise<RpcFront> {
  const proxy = await startRpcProxy(target)
  const front: RpcFront = Object.assign(proxy, { habits, largestBatch: 0 })
  front.fault = (call) => combined(front.habits.map((habit) => habit.call?.(call, front.requests)))
  front.refuseBatch = (calls) => {
    front.largestBatch = Math.max(front.largestBatch, calls.length)
    for (const habit of front.habits) {
      const refusal = calls.length > 1 ? habit.batch?.(calls) : undefined
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  front.changeAnswers = (answers) =>
    front.habits.reduce<unknown>((all, habit) => habit.answers?.(all as object[]) ?? all, answers)
  return front
}

function combined(faults: readonly (Fault | undefined)[]): Fault | undefined {
  const deciding = faults.find((fault) => fault !== undefined && fault.kind !== 'answer')
  const changes = faults.flatMap((fault) => (fault?.kind === 'answer' ? [fault.change] : []))
  if (deciding !== undefined || changes.length === 0) return deciding
  const change = async (result: never) => {
    let changed = result
    for (const one of changes) changed = (await one(changed)) as never
    return changed
  }
  return { kind: 'answer', change }
}

/** Makes a habit of any fault of rpc-faults.ts, for some methods only or for all. */
export const always = (fault: (call: RpcCall) => Fault | undefined, ...methods: readonly string[]): Habit => ({
  call: (call) => (methods.length === 0 || methods.includes(call.method) ? fault(call) : undefined),
})

/** Answers these methods with an error, like a node that doesn't know them. */
export const refuses = (code: number, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'error', code, message: 'the method does not exist/is not available' }), ...methods)

/** Answers these methods with this, whatever is asked. */
export const answers = (result: unknown, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'made-up', result }), ...methods)

/** Changes what these methods answer; null stays what it is. */
export const changes = (change: (result: never) => unknown, ...methods: readonly string[]): Habit =>
  always(
    () => ({ kind: 'answer', change: (result: unknown) => (result === null ? null : change(result as never)) }),
    ...methods,
  )

/**
 * Refuses these methods with an HTTP status, and with them whatever came in one batch, as a plan without them or a
 * firewall does.
 */
export const refusesByStatus = (status: number, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'status', status, body: '<html>not allowed</html>' }), ...methods)

/** Never answers these methods. What comes in one batch with them isn't answered either. */
export const hangsOn = (...methods: readonly string[]): Habit => always(() => ({ kind: 'hang' }), ...methods)

/** Has a habit about single calls for so long of each period, ms, from its beginning on. */
export function inStretches(habit: Habit, { ms, ofMs }: { ms: number; ofMs: number }): Habit {
  const beganAtMs = performance.now()
  const isOn = () => (performance.now() - beganAtMs) % ofMs < ms
  return { call: (call, request) => (isOn() ? habit.call?.(call, request) : undefined) }
}
