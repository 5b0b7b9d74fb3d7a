import { encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { executionOf, gasLimitFor, withMargin } from '../../../chain/trials/gas.ts'
import { createGasBook } from '../../../chain/trials/gas-book.ts'
import { revertReason } from '../../../chain/trials/revert-reason.ts'
import { rollupAbi } from '../../../contracts/abi.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../../kinds/payments/circuits.ts'
import { proofHash } from '../../../protocol/proof/public-input.ts'
import { Harness, testParams } from '../../contracts/harness.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence, proofOf } from '../../contracts/sequences.ts'
import { hang } from '../../support/rpc/rpc-faults.ts'
import { type Fault, type RpcCall, type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

const SEQUENCE = nextSequence(undefined, 1)

/** Gas that a hash and a proof of the tests' rollup take: counts that `test/contracts/gas` bounds. */
const [COMMIT_GAS, PROOF_GAS] = [99_074n, 123_510n]

let harness: Harness
let proxies: RpcProxy[]

beforeAll(async () => {
  harness = await Harness.start()
  proxies = await Promise.all([1, 2, 3].map(() => startRpcProxy(harness.anvil.url)))
  await harness.send(staking(harness.account(4), 5_000n))
  await harness.send(sequencing(harness.sequencer, SEQUENCE))
})

afterAll(async () => {
  await Promise.all(proxies?.map((proxy) => proxy.close()) ?? [])
  await harness?.anvil.stop()
})

afterEach(() => {
  for (const proxy of proxies) proxy.fault = () => undefined
})

describe('a gas limit', () => {
  test('is near what the transaction takes, and enough for it', async () => {
    const limit = await limitOf(chainOf(1), committing)
    expect(limit).toBeGreaterThan(COMMIT_GAS)
    expect(limit).toBeLessThan(2n * COMMIT_GAS)
  })

  test.each<{ what: string; fault: RpcProxy['fault'] }>([
    { what: 'next to none', fault: simulating((call) => ({ ...call, gasUsed: '0x5208' })) },
    { what: 'as much as a transaction may have', fault: simulating((call) => ({ ...call, gasUsed: '0x7a1200' })) },
    { what: 'that it would revert', fault: simulating((call) => ({ ...call, status: '0x0' })) },
    {
      what: 'nonsense',
      fault: (call) => (call.method === 'eth_simulateV1' ? { kind: 'made-up', result: { calls: 5 } } : undefined),
    },
    { what: 'nothing', fault: (call) => (call.method === 'eth_simulateV1' ? hang() : undefined) },
  ])('is what two of three say, though the third says $what', async ({ fault }) => {
    const honest = await limitOf(chainOf(3), committing)
    for (const proxy of proxies) {
      proxy.fault = fault
      expect(await limitOf(chainOf(3), committing)).toBe(honest)
      proxy.fault = () => undefined
    }
  })

  // A slot may be filled, paid for, and emptied again within the call.
  test('is one under which it runs, however little of it is used in the end', async () => {
    const peak = 400_000n
    for (const proxy of proxies) proxy.fault = (call) => (limitIn(call) < peak ? outOfGas(call) : undefined)
    const limit = await limitOf(chainOf(3), committing)
    expect(limit).toBeGreaterThan(withMargin(peak))
    expect(limit).toBeLessThan(2n * peak)
    const { commitGas } = await tryPair(chainOf(3))
    expect(commitGas).toBeGreaterThan(withMargin(peak))
  })

  test('comes from the pending block where a node can’t simulate', async () => {
    for (const proxy of proxies) proxy.fault = withoutSimulation
    const limit = await limitOf(chainOf(1), committing)
    expect(limit).toBeGreaterThan(COMMIT_GAS)
    expect(limit).toBeLessThan(2n * COMMIT_GAS)
    expect(proxies[0]?.calls.findLast(({ method }) => method === 'eth_estimateGas')?.params[1]).toBe('pending')
  })

  test.each<[string, RpcProxy['fault']]>([
    ['in a simulation', () => undefined],
    ['in the pending block', withoutSimulation],
  ])('is none for what would revert %s: the contract’s reason is told', async (_, fault) => {
    for (const proxy of proxies) proxy.fault = fault
    await expect(limitOf(chainOf(3), proving)).rejects.toThrow('it would revert: CommittedProofHash')
  })

  test('is none where nobody tells what a hash takes', async () => {
    for (const proxy of proxies) proxy.fault = ({ method }) => (/simulate|estimate/.test(method) ? missing : undefined)
    await expect(limitOf(chainOf(3), committing)).rejects.toMatchObject({ code: 'ZKPOW-TX-GAS-UNKNOWN' })
  })

  test('is for what runs after the account’s own transactions before it', async () => {
    const chain = chainOf(1)
    const miner = harness.account(4)
    const { head } = await chain.agreedBlocks()
    const ask = (before: Hex[]) =>
      chain.gasLimit({
        ...{
          from: miner,
          at: head,
          purpose: { step: 'commit', contract: harness.rollup },
          call: callOf(dataOf(committing)),
        },
        before: before.map(callOf),
      })
    await expect(ask([dataOf(committing)])).rejects.toThrow('it would revert: CommittedProofHash')
  })
})

describe('a hash and its proof', () => {
  test('are tried in one go, each in its own window', async () => {
    const { commitGas, proofGas, reverts } = await tryPair(chainOf(3))
    expect(reverts).toBeNull()
    expect(commitGas).toBeLessThan(2n * COMMIT_GAS)
    expect(proofGas).toBeGreaterThan(PROOF_GAS)
    expect(proofGas).toBeLessThan(2n * PROOF_GAS)
  })

  test('where nodes can’t simulate, the proof is reckoned by its verifier and what a proof takes at most', async () => {
    for (const proxy of proxies) proxy.fault = withoutSimulation
    const { proofGas, reverts } = await tryPair(chainOf(3))
    expect(reverts).toBeNull()
    expect(proofGas).toBeGreaterThan(PROOF_GAS)
    expect(proofGas).toBeLessThan(6n * PROOF_GAS)
  })

  test('so also for a hash in place of an expired one, which takes less than the proof', async () => {
    const start = await harness.client.snapshot()
    await harness.send(committing(harness.account(4), SEQUENCE))
    await harness.mine(testParams.commitBlocks + testParams.proveBlocks)
    for (const proxy of proxies) proxy.fault = withoutSimulation
    const { commitGas, proofGas, reverts } = await tryPair(chainOf(3))
    await harness.client.revert({ id: start })
    expect(reverts).toBeNull()
    expect(commitGas).toBeLessThan(PROOF_GAS)
    expect(proofGas).toBeGreaterThan(PROOF_GAS)
  })
})

test('what a step took is forgotten when the chain’s fork is another one', () => {
  const book = createGasBook()
  const noted = { contract: '0xaa', step: 'commit' } as const
  const note = (executionGas: bigint, fork: string | undefined) => book.note({ ...noted, executionGas, fork })
  note(700_000n, 'old')
  note(100_000n, undefined) // nobody told, so nothing changed
  expect(book.remembered('0xaa', 'commit', 0)).toBe(gasLimitFor(0, withMargin(700_000n)))
  note(100_000n, 'new')
  expect(book.remembered('0xAA', 'commit', 0)).toBe(gasLimitFor(0, withMargin(100_000n)))
  expect(book.remembered('0xbb', 'commit', 0)).toBeUndefined()
  expect(executionOf(21_000n, '0x')).toBe(0n)
})

test.each<[Hex | undefined, string]>([
  [undefined, 'no reason given'],
  ['0x', 'no reason given'],
  ['0xfd88c2b6', 'CommittedProofHash'],
  ['0x12345678', 'custom error 0x12345678'],
  ['0x4e487b710000000000000000000000000000000000000000000000000000000000000011', 'panic 0x11'],
  [`0x08c379a0${'20'.padStart(64, '0')}${'3'.padStart(64, '0')}6f680a${'0'.repeat(58)}`, '"oh?"'],
  ['0xabcd', 'custom error 0xabcd'],
])('revert data %s: %s', (data, reason) => {
  expect(revertReason(data)).toBe(reason)
})

const missing: Fault = { kind: 'error', code: -32601, message: 'the method does not exist' }

function withoutSimulation({ method }: RpcCall): Fault | undefined {
  return method === 'eth_simulateV1' ? missing : undefined
}

/** Changes what a simulation says of its calls. */
function simulating(change: (call: object) => object): RpcProxy['fault'] {
  const changed = (blocks: { calls: object[] }[]) =>
    blocks.map((block) => ({ ...block, calls: block.calls.map(change) }))
  return ({ method }) => (method === 'eth_simulateV1' ? { kind: 'answer', change: changed } : undefined)
}

/** Reads the limit of the last call of a simulation's first block; it is as good as infinite where there is none. */
function limitIn({ method, params }: RpcCall): bigint {
  if (method !== 'eth_simulateV1') return 10n ** 18n
  const [{ blockStateCalls }] = params as [{ blockStateCalls: { calls: { gas?: Hex }[] }[] }]
  return BigInt(blockStateCalls[0]?.calls.at(-1)?.gas ?? 10n ** 18n)
}

const outOfGas = (call: RpcCall) =>
  simulating((one) => ({ ...one, status: '0x0', error: { message: 'out of gas' } }))(call)

function chainOf(endpoints: number): Chain {
  const rpcUrls = proxies.slice(0, endpoints).map(({ url }) => url)
  return createChain({
    chainId: foundry.id,
    rpcUrls,
    finality: { confirmations: 2 },
    maxFeePerGasWei: 10n ** 9n,
    requestTimeoutMs: 1_500,
  })
}

const callOf = (data: Hex) => ({ to: harness.rollup, data, valueWei: 0n })

function dataOf(act: typeof committing | typeof proving): Hex {
  const { functionName, args } = act(harness.account(4), SEQUENCE)
  return encodeFunctionData({ abi: rollupAbi, functionName, args } as never)
}

async function limitOf(chain: Chain, act: typeof committing | typeof proving): Promise<bigint> {
  const { head } = await chain.agreedBlocks()
  const step = act === proving ? 'prove' : 'commit'
  const purpose = { step, contract: harness.rollup } as const
  return chain.gasLimit({ from: harness.account(4), purpose, call: callOf(dataOf(act)), before: [], at: head })
}

async function tryPair(chain: Chain) {
  const { head } = await chain.agreedBlocks()
  const { oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash, init, final } = SEQUENCE
  const miner = harness.account(4)
  const proof = proofOf(SEQUENCE, miner)
  const roots = { oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash, oldBatchNum: init, newBatchNum: final }
  const statement = { ...roots, chainId: `${testParams.chainId}`, forkId: `${testParams.forkId}` }
  return chain.tryPair({
    ...{ miner, contract: harness.rollup, range: { from: init + 1, to: final }, at: head },
    ...{
      proof: hexToBytes(proof),
      proofHash: proofHash(proof, miner),
      final: { miner, statement, newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT },
    },
    proveBlock: head.number + 1 + testParams.commitBlocks + 1,
  })
}
