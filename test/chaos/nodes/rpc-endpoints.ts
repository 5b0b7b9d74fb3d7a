import { type Hex, keccak256 } from 'viem'
import { type Habit, startRpcFront } from '../../support/rpc/rpc-front.ts'
import type { Fault, RpcCall } from '../../support/rpc/rpc-proxy.ts'
import { type HabitName, habitOf, isLiar } from '../plans/habits.ts'

type Misbehaviour = (call: RpcCall) => Fault | undefined

/** The endpoints that the miner's processes see: proxies in front of one node. */
export interface RpcFaults {
  readonly urls: readonly string[]
  /** Transactions by the moment at which they first came to an endpoint. */
  readonly sent: readonly { hash: Hex; atMs: number }[]
  /** Habits that have met a call. */
  readonly metHabits: ReadonlySet<HabitName>
  /** Lets an endpoint (counted modulo how many there are; null: all) misbehave until the key is deleted. */
  set(key: object, endpoint: number | null, misbehave: Misbehaviour): void
  delete(key: object): void
  close(): Promise<void>
}

/** @param habits that the endpoints have all the time; those of liars only the first. */
export async function createRpcFaults(target: string, count: number, habits: readonly HabitName[]): Promise<RpcFaults> {
  const metHabits = new Set<HabitName>()
  const habitsOf = (i: number) =>
    habits
      .filter((name) => i === 0 || !isLiar(name))
      .map((name) => noting(habitOf(name, target), () => metHabits.add(name)))
  const proxies = await Promise.all(Array.from({ length: count }, (_, i) => startRpcFront(target, habitsOf(i))))
  const active = new Map<object, { endpoint: number | null; misbehave: Misbehaviour }>()
  const sent: { hash: Hex; atMs: number }[] = []
  for (const [i, proxy] of proxies.entries()) {
    const { fault: habit } = proxy
    proxy.fault = (call) => {
      proxy.calls.length = 0 // nobody asks, and there are many
      noteSent(sent, call)
      for (const { endpoint, misbehave } of active.values()) {
        const fault = endpoint === null || endpoint % count === i ? misbehave(call) : undefined
        if (fault !== undefined) return fault
      }
      return habit(call)
    }
  }
  return {
    urls: proxies.map(({ url }) => url),
    sent,
    metHabits,
    set: (key, endpoint, misbehave) => void active.set(key, { endpoint, misbehave }),
    delete: (key) => void active.delete(key),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()))
    },
  }
}

/**
 * Notes which calls a habit meets: those that it leaves alone aren't met. Some habits change what is asked, and say
 * nothing.
 */
const noting = (habit: Habit, meet: () => void): Habit => {
  const met = <T>(answer: T | undefined, isChanged = false): T | undefined => {
    if (answer !== undefined || isChanged) meet()
    return answer
  }
  return {
    call: (call, request) => {
      const asked = JSON.stringify(call.params)
      return met(habit.call?.(call, request), JSON.stringify(call.params) !== asked)
    },
    batch: (calls) => met(habit.batch?.(calls)),
    answers: (all) => met(habit.answers?.(all)),
  }
}

function noteSent(sent: { hash: Hex; atMs: number }[], { method, params }: RpcCall): void {
  if (method !== 'eth_sendRawTransaction') return
  const hash = keccak256(params[0] as Hex)
  if (!sent.some((one) => one.hash === hash)) sent.push({ hash, atMs: Date.now() })
}
