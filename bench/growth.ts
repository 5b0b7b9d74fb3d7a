import { type Address, type Hex, padHex, parseEther, toHex } from 'viem'
import { foundry } from 'viem/chains'
import { estimateBlockMs } from '../activities/context.ts'
import { readLiabilitiesOf } from '../activities/sequence/read-liabilities.ts'
import { type Chain, createChain } from '../chain/create-chain.ts'
import { type Artifacts, compileContracts } from '../contracts/tooling/compile.ts'
import { DATA_BYTES } from '../kinds/payments/transfer.ts'
import type { Benchmark, Figures } from './benchmark.ts'
import { GasChain } from './gas/chain.ts'
import { deploy, type GasRollup } from './gas/contracts.ts'

const SEQUENCES = [1, 100, 400]
const ROLLUPS = [1, 8, 64]
const SEQUENCES_EACH = 5

/** Looks under way at a time. */
const AT_ONCE = 10

/** A rollup, and how many sequences of a batch are posted there. */
interface Posted {
  rollup: GasRollup
  sequences: number
}

/** What looks cost the endpoint, with more and more sequences that nobody has verified. */
export const growth: Benchmark = {
  name: 'growth',
  method:
    'what a look reads of one endpoint, an anvil: the sequence, its predecessors and the liabilities of its account in ' +
    'all rollups; nothing is verified, and nobody has committed; no database, no proof',
  rounds: 1,
  replaces: ['bench'],
  measure: () => GasChain.with('anvil', measureOn, { keepsHistory: false }),
}

async function measureOn(chain: GasChain): Promise<Figures> {
  const artifacts = compileContracts()
  await enrich(chain)
  const first = { rollup: await deploy(chain, artifacts, 'ours'), sequences: 0 }
  const figures: Figures = {}
  for (const count of SEQUENCES) {
    await post(chain, first, count)
    Object.assign(figures, await measureLooks(chain, [first], `one rollup, ${count} sequences`))
  }
  const others: Posted[] = []
  for (const count of ROLLUPS) {
    while (others.length < count) others.push(await another(chain, artifacts))
    const name = `${SEQUENCES_EACH} sequences each, ${count} rollups`
    Object.assign(figures, await measureLooks(chain, others, name))
  }
  return figures
}

/** Gives the owner coins, since each rollup is deployed with rewards. */
async function enrich(chain: GasChain): Promise<void> {
  const request = chain.client.request as (asked: { method: string; params: unknown[] }) => Promise<unknown>
  await request({ method: 'anvil_setBalance', params: [chain.address('owner'), toHex(parseEther('1000000'))] })
}

async function another(chain: GasChain, artifacts: Artifacts): Promise<Posted> {
  const posted = { rollup: await deploy(chain, artifacts, 'ours'), sequences: 0 }
  await post(chain, posted, SEQUENCES_EACH)
  return posted
}

async function post(chain: GasChain, posted: Posted, count: number): Promise<void> {
  const zero: Hex = `0x${'00'.repeat(32)}`
  for (; posted.sequences < count; posted.sequences += 1) {
    const transactions = padHex(toHex(posted.sequences + 1), { size: DATA_BYTES })
    const batch = { transactions, globalExitRoot: zero, timestamp: 1n, minForcedTimestamp: 0n }
    await chain.send('sequencer', posted.rollup.call('sequenceBatches', [[batch], chain.address('sequencer')]))
  }
}

/** Counts the looks of an aggregator that has just started, and those at blocks after that. */
async function measureLooks(chain: GasChain, rollups: readonly Posted[], name: string): Promise<Figures> {
  const scene = { chain: connect(chain.url), miner: chain.address('alice'), rollups }
  const all = rollups.flatMap((one) => Array.from({ length: one.sequences }, (_, i) => ({ one, batch: i + 1 })))
  const last = all.at(-1)
  if (last === undefined) throw new RangeError('There is no sequence.')
  const counter = countCalls(chain.url)
  try {
    await read(scene, last.one, last.batch)
    const start = counter.take()
    await inTurn(all, ({ one, batch }) => read(scene, one, batch))
    counter.take()
    await chain.pass(1)
    await read(scene, last.one, last.batch)
    const first = counter.take()
    await read(scene, last.one, last.batch)
    const next = counter.take()
    await chain.pass(1)
    counter.take()
    await inTurn(all, ({ one, batch }) => read(scene, one, batch))
    const block = counter.take()
    return {
      [`calls for the first look of all: ${name}`]: start.calls,
      [`calls for the first look at a block: ${name}`]: first.calls,
      [`requests for the first look at a block: ${name}`]: first.requests,
      [`calls for the next look at a block: ${name}`]: next.calls,
      [`calls a look where all look at a block: ${name}`]: block.calls / all.length,
      [`requests a look where all look at a block: ${name}`]: block.requests / all.length,
      [`ms a look where all look at a block: ${name}`]: block.ms / all.length,
    }
  } finally {
    counter.stop()
  }
}

const connect = (url: string): Chain =>
  createChain({
    ...{ chainId: foundry.id, rpcUrls: [url], finality: { confirmations: 2 }, maxFeePerGasWei: 10n ** 9n },
    requestTimeoutMs: 120_000, // counts are what is measured, on however busy a machine
  })

interface Scene {
  chain: Chain
  miner: Address
  rollups: readonly Posted[]
}

async function read({ chain, miner, rollups }: Scene, { rollup }: Posted, batch: number): Promise<void> {
  const floor = 0
  const { head } = await chain.readSequence({
    ...{ contract: rollup.address, range: { from: batch, to: batch }, miner },
    ...{ finalProofBytes: 14_000, floor, deployedAtBlock: 0 },
  })
  const served = rollups.map((one) => ({
    name: one.rollup.address,
    contract: one.rollup.address,
    floor: async () => floor,
  }))
  await readLiabilitiesOf(chain, { miner, rollups: served, signed: [], at: head })
  await estimateBlockMs(chain)
}

async function inTurn<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  async function rest(): Promise<void> {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, rest))
}

/** Counts what this process asks of an endpoint, from now on. */
function countCalls(url: string) {
  const real = globalThis.fetch
  let counted = { calls: 0, requests: 0, sinceMs: performance.now() }
  globalThis.fetch = (input, init) => {
    if (String(input).startsWith(url)) {
      counted.requests += 1
      counted.calls += [JSON.parse(String(init?.body))].flat().length
    }
    return real(input, init)
  }
  return {
    /** Tells what was counted since it was last asked. */
    take() {
      const { calls, requests, sinceMs } = counted
      counted = { calls: 0, requests: 0, sinceMs: performance.now() }
      return { calls, requests, ms: performance.now() - sinceMs }
    },
    stop() {
      globalThis.fetch = real
    },
  }
}
