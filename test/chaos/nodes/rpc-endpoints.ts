import { type Hex, keccak256 } from 'viem'
import { type Habit, startRpcFront } from '../../support/rpc/rpc-front.ts'
import type { Fault, RpcCall } from '../../support/rpc/rpc-proxy.ts'
import { finalizesAsPlanned, type HabitName, habitOf, isLiar } from '../plans/habits.ts'
import type { Plan } from '../plans/plan.ts'

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

/** @param plan says how many there are, and which habits they have all the time; those of liars only the first. */
export async function createRpcFaults(
  target: string,
  plan: Pick<Plan, 'seed' | 'endpoints' | 'habits' | 'finalityBlocks'>,
): Promise<RpcFaults> {
  const { endpoints: count, habits } = plan
  const metHabits = new Set<HabitName>()
  const played = { target, seed: plan.seed, finalityBlocks: plan.finalityBlocks }
  // What one never answers, no other habit of it answers.
  const liarsFirst = [...habits.filter(isLiar), ...habits.filter((name) => !isLiar(name))]
  const habitsOf = (i: number) =>
    liarsFirst
      .filter((name) => i === 0 || !isLiar(name))
      .map((name) => {
        const { of, metBy } = habitOf(name)
        return noting(of(played), (method) => {
          if (metBy === undefined || metBy === method) metHabits.add(name)
        })
      })
  const proxies = await Promise.all(
    Array.from({ length: count }, (_, i) => startRpcFront(target, [...habitsOf(i), finalizesAsPlanned(played)])),
  )
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
 * Notes which calls a habit meets: those that it leaves alone, or answers as the node does, aren't met. Some habits
 * change what is asked, and say nothing.
 * @param meet is told the method, of a single call.
 */
function noting(habit: Habit, meet: (method?: string) => void): Habit {
  const met = <T>(answer: T | undefined): T | undefined => {
    if (answer !== undefined) meet()
    return answer
  }
  return {
    call: (call, request) => {
      const asked = JSON.stringify(call.params)
      const fault = habit.call?.(call, request)
      const note = () => meet(call.method)
      if (fault?.kind === 'answer') return { kind: 'answer', change: notingChange(fault.change, note) }
      if (fault?.kind === 'replace') return { kind: 'replace', answer: notingAnswer(fault.answer, note) }
      if (fault !== undefined || JSON.stringify(call.params) !== asked) note()
      return fault
    },
    batch: (calls) => met(habit.batch?.(calls)),
    answers: (all) => met(habit.answers?.(all)),
  }
}

const notingChange =
  (change: (result: never) => unknown, note: () => void) =>
  async (result: never): Promise<unknown> => {
    const before = JSON.stringify(result)
    const changed = await change(result)
    if (JSON.stringify(changed) !== before) note()
    return changed
  }

const notingAnswer =
  (answer: (result: unknown) => object | Promise<object>, note: () => void) =>
  async (result: unknown): Promise<object> => {
    const given = await answer(result)
    if ('error' in given) note()
    return given
  }

function noteSent(sent: { hash: Hex; atMs: number }[], { method, params }: RpcCall): void {
  if (method !== 'eth_sendRawTransaction') return
  const hash = keccak256(params[0] as Hex)
  if (!sent.some((one) => one.hash === hash)) sent.push({ hash, atMs: Date.now() })
}
