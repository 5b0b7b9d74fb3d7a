import { type Hex, keccak256 } from 'viem'
import { type Fault, type RpcCall, startRpcProxy } from '../support/rpc-proxy.ts'

type Misbehaviour = (call: RpcCall) => Fault | undefined

/** The endpoints that the miner's processes see: proxies in front of one node. */
export interface RpcFaults {
  readonly urls: readonly string[]
  /** Transactions by the moment at which they first came to an endpoint. */
  readonly sent: readonly { hash: Hex; atMs: number }[]
  /** Lets an endpoint (counted modulo how many there are; null: all) misbehave until the key is deleted. */
  set(key: object, endpoint: number | null, misbehave: Misbehaviour): void
  delete(key: object): void
  close(): Promise<void>
}

export async function createRpcFaults(target: string, count: number): Promise<RpcFaults> {
  const proxies = await Promise.all(Array.from({ length: count }, () => startRpcProxy(target)))
  const active = new Map<object, { endpoint: number | null; misbehave: Misbehaviour }>()
  const sent: { hash: Hex; atMs: number }[] = []
  for (const [i, proxy] of proxies.entries()) {
    proxy.fault = (call) => {
      proxy.calls.length = 0 // nobody asks, and there are many
      noteSent(sent, call)
      for (const { endpoint, misbehave } of active.values()) {
        const fault = endpoint === null || endpoint % count === i ? misbehave(call) : undefined
        if (fault !== undefined) return fault
      }
      return undefined
    }
  }
  return {
    urls: proxies.map(({ url }) => url),
    sent,
    set: (key, endpoint, misbehave) => void active.set(key, { endpoint, misbehave }),
    delete: (key) => void active.delete(key),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()))
    },
  }
}

function noteSent(sent: { hash: Hex; atMs: number }[], { method, params }: RpcCall): void {
  if (method !== 'eth_sendRawTransaction') return
  const hash = keccak256(params[0] as Hex)
  if (!sent.some((one) => one.hash === hash)) sent.push({ hash, atMs: Date.now() })
}
