import { hang, refuse, stale } from '../../support/rpc-faults.ts'
import type { Fault, RpcCall } from '../../support/rpc-proxy.ts'
import type { FaultName, PlannedFault } from '../plan.ts'
import type { World } from '../world.ts'
import type { ChaosFault } from './fault.ts'

type Misbehaviour = (call: RpcCall) => Fault | undefined

/** How often an endpoint's own idea of the head is renewed, ms. */
const HEAD_EVERY_MS = 200

/** The only endpoint; of three, one more or less doesn't matter. */
const takesAll = ({ rpc }: World) => (rpc.urls.length === 1 ? ('endpoints' as const) : null)

const lasting = (name: FaultName, misbehaviour: () => Misbehaviour): ChaosFault => ({
  name,
  lasts: true,
  takes: takesAll,
  inject: async ({ rpc }, planned) => rpc.set(planned, planned.victim, misbehaviour()),
  heal: async ({ rpc }, planned) => rpc.delete(planned),
})

export const rpcHangs = lasting('rpc-hangs', () => hang)
export const rpc429 = lasting('rpc-429', () => refuse(429, 'too many requests'))
export const rpc5xx = lasting('rpc-5xx', () => refuse(503, 'no healthy upstream'))

/** The node has the transaction, the sender never hears of it: `depth` times, whenever something is sent next. */
export const rpcAnswerLost: ChaosFault = {
  name: 'rpc-answer-lost',
  lasts: false,
  inject: async ({ rpc, timeline }, planned) => {
    let left = planned.depth
    rpc.set(planned, null, ({ method }) => {
      if (method !== 'eth_sendRawTransaction' || left === 0) return undefined
      left -= 1
      timeline.note(`the answer to a transaction is lost, ${left} more`)
      return { kind: 'lost' }
    })
  },
  heal: async () => {},
}

const headOf = new WeakMap<PlannedFault, NodeJS.Timeout>()

export const rpcStale: ChaosFault = {
  name: 'rpc-stale',
  lasts: true,
  takes: takesAll,
  inject: async ({ rpc, control }: World, planned) => {
    let head = await control.head()
    const renew = () => void control.head().then((now) => (head = now))
    headOf.set(planned, setInterval(renew, HEAD_EVERY_MS))
    rpc.set(
      planned,
      planned.victim,
      stale(planned.depth, () => head),
    )
  },
  heal: async ({ rpc }, planned) => {
    clearInterval(headOf.get(planned))
    rpc.delete(planned)
  },
}
