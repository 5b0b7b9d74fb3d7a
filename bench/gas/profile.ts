import type { Hex } from 'viem'
import type { Figures } from '../benchmark.ts'
import type { GasChain, Sent } from './chain.ts'

interface StructLog {
  op: string
  gasCost: number
  depth: number
}

/** From here on a store or a load met its slot for the first time in the transaction (EIP-2929). */
const COLD_LOAD = 2_100
const NEW_SLOT = 20_000
const CHANGED_SLOT = 2_900

/** Counts of accesses to storage, and gas by what it went into. Parts of gas sum up to what was used before refunds. */
export async function profileOf(chain: GasChain, { hash, gas }: Sent): Promise<Figures> {
  const logs = await tracesOf(chain, hash)
  const stores = logs.filter(({ op }) => op === 'SSTORE').map(({ gasCost }) => gasCost)
  const loads = logs.filter(({ op }) => op === 'SLOAD').map(({ gasCost }) => gasCost)
  const written = logs.filter(({ op }) => op.startsWith('LOG')).map(({ gasCost }) => gasCost)
  return {
    'slots made': stores.filter((cost) => cost >= NEW_SLOT).length,
    'slots changed': stores.filter((cost) => cost >= CHANGED_SLOT && cost < NEW_SLOT).length,
    'stores again': stores.filter((cost) => cost < CHANGED_SLOT).length,
    'cold loads': loads.filter((cost) => cost >= COLD_LOAD).length,
    'warm loads': loads.filter((cost) => cost < COLD_LOAD).length,
    'gas of stores': sum(stores),
    'gas of loads': sum(loads),
    'gas of logs': sum(written),
    'gas used': gas,
  }
}

/** Traces without stack and memory, which nobody looks at here. */
async function tracesOf(chain: GasChain, hash: Hex): Promise<StructLog[]> {
  const quiet = { disableStack: true, disableStorage: true, enableMemory: false }
  const trace = await chain.client.request<{
    Method: 'debug_traceTransaction'
    Parameters: [Hex, typeof quiet]
    ReturnType: { structLogs: StructLog[] }
  }>({ method: 'debug_traceTransaction', params: [hash, quiet] })
  // Without --steps-tracing anvil answers no steps, which would look like a contract without storage.
  if (trace.structLogs.length === 0) throw new Error(`The node traced no step of ${hash}.`)
  return trace.structLogs
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
