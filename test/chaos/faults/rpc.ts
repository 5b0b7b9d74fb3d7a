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
import { SUBMITTED } from '../plans/milestones.ts'
import type { World } from '../world/world.ts'
import { type AboutFault, type ChaosFault, type Hit, lasting, momentary, type Strike } from './fault.ts'

type Misbehaviour = (call: RpcCall) => Fault | undefined

/** How often an endpoint's own idea of the head is renewed, ms. */
const HEAD_EVERY_MS = 200

/** A fee that nobody pays, wei per gas. */
const ABSURD_WEI = 10n ** 15n

/** Tells whether it takes the only endpoint away; of three, one more or less doesn't matter. */
const takesAll = ({ rpc }: World) => (rpc.urls.length === 1 ? ('endpoints' as const) : null)

/** Counts hits: calls that it leaves alone are none. */
const noting =
  (misbehave: Misbehaviour, hit: Hit): Misbehaviour =>
  (call) => {
    const fault = misbehave(call)
    if (fault !== undefined) hit()
    return fault
  }

type Misbehaves = (world: World, strike: Strike) => Misbehaviour | Promise<Misbehaviour>

/** Has one endpoint misbehave for a while. */
const misbehaving = <Name extends string>(about: AboutFault<Name>, misbehaviour: Misbehaves): ChaosFault<Name> =>
  lasting({ ...about, takes: takesAll }, async (world, strike, hit) => {
    world.rpc.set(strike, strike.victim, noting(await misbehaviour(world, strike), hit))
    return () => world.rpc.delete(strike)
  })

export const rpcHangs = misbehaving({ name: 'rpc-hangs', what: "an endpoint doesn't answer" }, () => hang)
export const rpc429 = misbehaving({ name: 'rpc-429', what: 'an endpoint has too many requests (429)' }, () =>
  refuse(429, 'too many requests'),
)
export const rpc5xx = misbehaving({ name: 'rpc-5xx', what: 'an endpoint has no node behind it (503)' }, () =>
  refuse(503, 'no healthy upstream'),
)

/** Has one endpoint of three lie for a while. */
const lying = <Name extends string>(about: AboutFault<Name>, misbehaviour: Misbehaves): ChaosFault<Name> =>
  misbehaving({ ...about, needs: ['honest-majority'] }, misbehaviour)

export const rpcForked = lying(
  { name: 'rpc-forked', what: 'an endpoint is on a fork that began a few blocks ago' },
  async ({ control, chainLock }) => forked((await chainLock.during(control.head)) - 2),
)
export const rpcHidesReceipts = lying(
  { name: 'rpc-hides-receipts', what: 'an endpoint knows no receipts', harmsAt: SUBMITTED },
  () => hidesReceipts,
)
export const rpcTurnsReceipts = lying(
  { name: 'rpc-turns-receipts', what: 'an endpoint says the opposite in receipts', harmsAt: SUBMITTED },
  () => turnsReceipts,
)
export const rpcOtherChain = lying({ name: 'rpc-other-chain', what: 'an endpoint is of another chain' }, ({ stack }) =>
  otherChain(stack.node.chainId + 1),
)

/** The market is far above the miner's cap, or everything is free, as the plan's depth is odd or even. */
export const rpcLiesAboutFees = lying(
  { name: 'rpc-lies-about-fees', what: 'an endpoint says that fees are a million gwei, or nothing' },
  (_, { depth }) => liesAboutFees(depth % 2 === 1 ? ABSURD_WEI : 0n),
)

/** Meets whatever is sent next through any endpoint, `depth` times. */
const nextSent = <Name extends string>(about: AboutFault<Name>, misbehave: Misbehaviour): ChaosFault<Name> =>
  momentary(about, async ({ rpc, timeline }, planned, hit) => {
    let left = planned.depth
    rpc.set(planned, null, (call) => {
      if (call.method !== 'eth_sendRawTransaction' || left === 0) return undefined
      left -= 1
      hit()
      timeline.note(`${about.name} meets a transaction, ${left} more to meet`)
      return misbehave(call)
    })
  })

export const rpcAnswerLost = nextSent(
  { name: 'rpc-answer-lost', what: 'the node has our transaction, and we hear an error' },
  () => ({ kind: 'lost' }),
)

export const rpcSwallows = nextSent(
  { name: 'rpc-swallows', what: 'we hear that the node has our transaction, and no node has it' },
  swallows,
)

export const rpcStale = lasting(
  { name: 'rpc-stale', what: 'an endpoint is a few blocks behind', takes: takesAll },
  async ({ rpc, control, chainLock }, planned, hit) => {
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
      // The node may be asked for another block instead of being answered otherwise.
      if (call.method === 'eth_getBlockByNumber') hit()
      return behind(call)
    })
    return () => {
      clearInterval(timer)
      rpc.delete(planned)
    }
  },
)
