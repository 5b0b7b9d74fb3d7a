import { HttpRequestError, type PublicClient, RpcRequestError } from 'viem'
import { numberToHex } from 'viem/utils'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { isRevert } from '../endpoints/redact.ts'
import { inABatchOfItsOwn } from '../endpoints/stragglers.ts'
import { forkIdOf } from './fork-id.ts'
import { revertReason } from './revert-reason.ts'

/** A call of an account's that nobody sends. */
export interface DryCall {
  to: Address
  data: Hex
  valueWei: bigint
}

/**
 * What is tried: `call` in the block after `at`, after the calls `before` it; and `later` in a block after that, after
 * `call`.
 */
export interface DryRun {
  from: Address
  at: BlockRef
  before: readonly DryCall[]
  call: DryCall
  later?: { call: DryCall; block: number }
  /**
   * Gas limits of `call` and `later`; as much as a block has where left out. With any, nodes that can't simulate tell
   * nothing.
   */
  limits?: { now?: bigint | undefined; later?: bigint | undefined }
}

/**
 * What came of a call: the least gas limit under which it runs, or why it reverts; `unknown` where nodes can't tell.
 */
export type Tried = { kind: 'runs'; gas: bigint } | { kind: 'reverts'; why: string } | { kind: 'unknown' }

/** Both calls of a dry run; `later` is unknown where none is asked for. */
export interface DryOutcome {
  now: Tried
  later: Tried
  /** Fork of the protocol that it was tried on; undefined where nobody tells. */
  fork: string | undefined
}

type Answer = Omit<DryOutcome, 'fork'>

/** Figures that differ by more than this factor aren't all honest: then stragglers are waited for. */
const SPREAD = 2n

/** Adds what a call was paid back to what it used: that is a fifth of all at most (EIP-3529). */
const withRefund = (usedGas: bigint): bigint => (usedGas * 5n) / 4n

const UNKNOWN: Tried = { kind: 'unknown' }

/** Clients whose nodes have no `eth_simulateV1`, and until when that is believed, ms. */
const withoutSimulation = new WeakMap<PublicClient, number>()

/** A node that took too long to simulate is asked to again after this time, ms. */
const SIMULATE_AGAIN_MS = 60_000

/**
 * Carries out calls without sending them, in one simulation in the state after `at` (`eth_simulateV1`). A node that has
 * none is asked for an estimate in its pending block: it can't be told what goes before a call, and knows nothing of
 * later blocks. It never asks at the head, which is one block too early for a window's first. A revert counts when as
 * many say it as must agree; of figures the median does, the higher of two: of three, one that lies decides nothing.
 * @throws RpcUnavailableError when too few answer.
 */
export async function dryRun(endpoints: Endpoints, run: DryRun): Promise<DryOutcome> {
  const ask = async (client: PublicClient) => {
    const [answer, fork] = await Promise.all([tryWith(client, run), forkIdOf(client)])
    return { ...answer, fork }
  }
  const answers = await inABatchOfItsOwn(() => endpoints.answers(ask, areAlike))
  const judge = (pick: (answer: Answer) => Tried) => verdictOf(answers.map(pick), endpoints.agreement)
  return {
    now: judge(({ now }) => now),
    later: judge(({ later }) => later),
    fork: answers.find(({ fork }) => fork !== undefined)?.fork,
  }
}

async function tryWith(client: PublicClient, run: DryRun): Promise<Answer> {
  const otherwise = async () => (run.limits === undefined ? estimate(client, run) : { now: UNKNOWN, later: UNKNOWN })
  if (performance.now() < (withoutSimulation.get(client) ?? 0)) return otherwise()
  try {
    return await simulate(client, run)
  } catch (error) {
    const rpc = causeIn(error, RpcRequestError)
    const isRefused = rpc !== undefined || isRefusedByStatus(error)
    if (!isRefused) withoutSimulation.set(client, performance.now() + SIMULATE_AGAIN_MS)
    if (!isRefused) throw error
    if (rpc?.code === METHOD_MISSING) withoutSimulation.set(client, Number.POSITIVE_INFINITY)
    return otherwise()
  }
}

/**
 * Tells whether an endpoint refuses the method. Plans without it, and firewalls, do so by status and with a page for
 * people.
 */
function isRefusedByStatus(error: unknown): boolean {
  const status = causeIn(error, HttpRequestError)?.status ?? 0
  return status >= 400 && status < 500 && status !== 429
}

const METHOD_MISSING = -32601

interface SimulatedCall {
  status?: Hex
  returnData?: Hex
  gasUsed?: Hex
  /** Before anything was paid back; geth has it since 1.16. */
  maxUsedGas?: Hex
  error?: { message?: string; data?: Hex }
}

type Simulate = (request: { method: 'eth_simulateV1'; params: unknown[] }) => Promise<{ calls: SimulatedCall[] }[]>

async function simulate(client: PublicClient, { from, at, before, call, later, limits = {} }: DryRun): Promise<Answer> {
  const toRequest = ({ to, data, valueWei }: DryCall, gas?: bigint) => {
    return { from, to, input: data, value: numberToHex(valueWei), ...(gas !== undefined && { gas: numberToHex(gas) }) }
  }
  // anvil 1.7.1 would begin in the head's own block.
  const blockOf = (number: number, calls: object[]) => ({ blockOverrides: { number: numberToHex(number) }, calls })
  const first = blockOf(at.number + 1, [...before.map((one) => toRequest(one)), toRequest(call, limits.now)])
  const blockStateCalls =
    later === undefined ? [first] : [first, blockOf(later.block, [toRequest(later.call, limits.later)])]
  const request = client.request as Simulate
  const blocks = await request({
    method: 'eth_simulateV1',
    params: [{ blockStateCalls, validation: false }, numberToHex(at.number)],
  })
  // Blocks in between are in the answer, too, empty.
  const filled = blocks.filter(({ calls }) => calls.length > 0)
  const now = toTried(filled[0]?.calls[before.length], before.length === 0 || limits.now !== undefined)
  return { now, later: later === undefined ? UNKNOWN : toTried(filled[1]?.calls[0], true) }
}

/** @param isAlone in its block, so that all of the block's gas was there for it; or has a limit of its own. */
function toTried(call: SimulatedCall | undefined, isAlone: boolean): Tried {
  if (call?.status === '0x1' && call.gasUsed !== undefined) {
    return {
      kind: 'runs',
      gas: call.maxUsedGas === undefined ? withRefund(BigInt(call.gasUsed)) : BigInt(call.maxUsedGas),
    }
  }
  if (call?.status !== '0x0') return UNKNOWN
  if (/out of gas/i.test(call.error?.message ?? ''))
    return isAlone ? { kind: 'reverts', why: 'it takes more gas than a block may have' } : UNKNOWN
  return { kind: 'reverts', why: revertReason(call.error?.data ?? call.returnData) }
}

async function estimate(client: PublicClient, run: DryRun, tag: 'pending' | 'latest' = 'pending'): Promise<Answer> {
  const { from, before, call } = run
  const { to, data, valueWei } = call
  try {
    const gas = await client.request({
      method: 'eth_estimateGas',
      params: [{ from, to, data, value: numberToHex(valueWei) }, tag],
    })
    return { now: { kind: 'runs', gas: BigInt(gas) }, later: UNKNOWN }
  } catch (error) {
    const rpc = causeIn(error, RpcRequestError)
    if (rpc === undefined) throw error
    // Some nodes have no pending block. At the head what runs tells its gas, and what reverts may only be a block too
    // early.
    if (!isRevert(rpc) && tag === 'pending') return estimate(client, run, 'latest')
    if (!isRevert(rpc)) throw error
    // What goes before it isn't in the pending block for sure.
    const isKnown = tag === 'pending' && before.length === 0
    return {
      now: isKnown ? { kind: 'reverts', why: revertReason(rpc.data as Hex | undefined) } : UNKNOWN,
      later: UNKNOWN,
    }
  }
}

function causeIn<T>(error: unknown, type: abstract new (...args: never[]) => T): T | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof type) return at
  return undefined
}

function verdictOf(all: readonly Tried[], agreement: number): Tried {
  const reverts = all.filter((one) => one.kind === 'reverts')
  const [first] = reverts
  if (first !== undefined && reverts.length >= agreement) {
    const timesSaid = ({ why }: typeof first) => reverts.filter((other) => other.why === why).length
    return reverts.reduce((best, one) => (timesSaid(one) > timesSaid(best) ? one : best))
  }
  const figures = all.flatMap((one) => (one.kind === 'runs' ? [one.gas] : [])).sort((a, b) => (a < b ? -1 : 1))
  const gas = figures[Math.floor(figures.length / 2)]
  return gas === undefined ? UNKNOWN : { kind: 'runs', gas }
}

const areAlike = (answers: readonly Answer[]): boolean =>
  areTriedAlike(answers.map(({ now }) => now)) && areTriedAlike(answers.map(({ later }) => later))

function areTriedAlike(all: readonly Tried[]): boolean {
  const figures = all.flatMap((one) => (one.kind === 'runs' ? [one.gas] : []))
  if (figures.length !== all.length) return new Set(all.map(({ kind }) => kind)).size <= 1
  return figures.every((a) => figures.every((b) => a <= b * SPREAD))
}
