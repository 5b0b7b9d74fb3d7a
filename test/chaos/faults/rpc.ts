import {
  forked,
  hang,
  hidesReceipts,
  liesAboutFees,
  otherChain,
  refuse,
  stale,
  swallows,
  turnsReceipts,
} from '../../support/rpc/rpc-faults.ts'
import type { Fault, RpcCall } from '../../support/rpc/rpc-proxy.ts'
import type { FaultName, PlannedFault } from '../plans/plan.ts'
import type { World } from '../world/world.ts'
import { type ChaosFault, type Hit, momentary } from './fault.ts'

type Misbehaviour = (call: RpcCall) => Fault | undefined

/** How often an endpoint's own idea of the head is renewed, ms. */
const HEAD_EVERY_MS = 200

/** A fee that nobody pays, wei per gas. */
const ABSURD_WEI = 10n ** 15n

/** The only endpoint; of three, one more or less doesn't matter. */
const takesAll = ({ rpc }: World) => (rpc.urls.length === 1 ? ('endpoints' as const) : null)

/** Calls that it leaves alone are no hits. */
const noting =
  (misbehave: Misbehaviour, hit: Hit): Misbehaviour =>
  (call) => {
    const fault = misbehave(call)
    if (fault !== undefined) hit()
    return fault
  }

type Misbehaves = (world: World, planned: PlannedFault) => Misbehaviour | Promise<Misbehaviour>

const lasting = (name: FaultName, misbehaviour: Misbehaves): ChaosFault => ({
  name,
  takes: takesAll,
  inject: async (world, planned, hit) => {
    world.rpc.set(planned, planned.victim, noting(await misbehaviour(world, planned), hit))
    return () => world.rpc.delete(planned)
  },
})

export const rpcHangs = lasting('rpc-hangs', () => hang)
export const rpc429 = lasting('rpc-429', () => refuse(429, 'too many requests'))
export const rpc5xx = lasting('rpc-5xx', () => refuse(503, 'no healthy upstream'))

/** What it gives out is on a fork that began a few blocks ago. */
export const rpcForked = lasting('rpc-forked', async ({ control, chainLock }) =>
  forked((await chainLock.during(control.head)) - 2),
)
export const rpcHidesReceipts = lasting('rpc-hides-receipts', () => hidesReceipts)
export const rpcTurnsReceipts = lasting('rpc-turns-receipts', () => turnsReceipts)
export const rpcOtherChain = lasting('rpc-other-chain', ({ stack }) => otherChain(stack.node.chainId + 1))

/** A market that is far above the miner's cap, or where everything is free, as the plan's depth is odd or even. */
export const rpcLiesAboutFees = lasting('rpc-lies-about-fees', (_, { depth }) =>
  liesAboutFees(depth % 2 === 1 ? ABSURD_WEI : 0n),
)

/** Whatever is sent next through any endpoint, `depth` times. */
const nextSent = (name: FaultName, misbehave: Misbehaviour): ChaosFault =>
  momentary(name, async ({ rpc, timeline }, planned, hit) => {
    let left = planned.depth
    rpc.set(planned, null, (call) => {
      if (call.method !== 'eth_sendRawTransaction' || left === 0) return undefined
      left -= 1
      hit()
      timeline.note(`${name} meets a transaction, ${left} more to meet`)
      return misbehave(call)
    })
  })

/** The node has the transaction, the sender never hears of it. */
export const rpcAnswerLost = nextSent('rpc-answer-lost', () => ({ kind: 'lost' }))

/** The sender hears that the node has the transaction, and no node has it. */
export const rpcSwallows = nextSent('rpc-swallows', swallows)

export const rpcStale: ChaosFault = {
  name: 'rpc-stale',
  takes: takesAll,
  inject: async ({ rpc, control, chainLock }, planned, hit) => {
    let head = await chainLock.during(control.head)
    const renew = () =>
      void control.head().then(
        (now) => {
          head = now
        },
        () => {}, // the node may be away
      )
    const timer = setInterval(renew, HEAD_EVERY_MS)
    const behind = stale(planned.depth, () => head)
    rpc.set(planned, planned.victim, (call) => {
      // it may be asked for another block instead of answered otherwise
      if (call.method === 'eth_getBlockByNumber') hit()
      return behind(call)
    })
    return () => {
      clearInterval(timer)
      rpc.delete(planned)
    }
  },
}
