import { hexToBytes as bytes, type Hex, numberToHex, toFunctionSelector } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { twoStepAbi } from '../../../chain/abi.ts'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { DEFAULT_MOST_GAS } from '../../../chain/trials/gas.ts'
import { type FinalStatement, inputSnark, proofHash } from '../../../protocol/proof/public-input.ts'
import { nextStep } from '../../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'
import { Harness, rootOf, testParams } from '../../contracts/harness.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { finalOf, nextSequence, proofOf, type TestSequence } from '../../contracts/sequences.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

let harness: Harness
let proxy: RpcProxy
let ours: Chain
let recorded: Chain
let first: TestSequence
let second: TestSequence
const miner = () => harness.account(4)
const rival = () => harness.account(5)

beforeAll(async () => {
  harness = await Harness.start()
  proxy = await startRpcProxy(harness.anvil.url)
  ours = createChain(options(harness.anvil.url))
  recorded = createChain(options(proxy.url))
  first = nextSequence(undefined, 2)
  second = nextSequence(first, 3)
  await harness.mine(30) // so that the search for the sequencing block has something to halve
  await harness.send(sequencing(harness.sequencer, first))
  await harness.mine(5)
  await harness.send(sequencing(harness.sequencer, second))
  for (const one of [miner(), rival()]) await harness.send(staking(one, 5_000n))
})

afterAll(async () => {
  await proxy?.close()
  await harness?.anvil.stop()
})

describe('a sequence through its life', () => {
  test('posted: no round, the rules for the next one, what the miner has', async () => {
    const view = await read(first)
    expect(view).toMatchObject({
      atHead: { accInputHash: first.newAccInputHash, isVerified: false, round: null, own: null },
      atFinal: { accInputHash: first.newAccInputHash },
      isContractPaused: false,
      nextRound: { commitBlocks: 3, proveBlocks: 4 },
      hasClaims: true,
      predecessors: [],
      funds: { stakeWei: '5000', lockedWei: '0', minStakeWei: '1000', penaltyWei: '100' },
    })
    expect(view.sequencedAtBlock).toBe(
      await harness.client
        .getTransactionReceipt({ hash: await sequencingHash(first) })
        .then((r) => Number(r.blockNumber)),
    )
    expect(await read(second)).toMatchObject({
      predecessors: [{ from: 1, to: 2, accInputHash: first.newAccInputHash, ownLiveRound: null }],
    })
  })

  test('ranges that are not those of a posted sequence are not there', async () => {
    for (const range of [
      { from: 1, to: 1 },
      { from: 2, to: 2 },
      { from: 1, to: 5 },
      { from: 6, to: 6 },
    ]) {
      expect(await ours.readSequence(question(range))).toMatchObject({
        atHead: { accInputHash: null },
        sequencedAtBlock: null,
      })
      expect(await ours.readSequencing({ contract: harness.rollup, range })).toBeUndefined()
    }
  })

  test('committed, proved, verified, late: nextStep follows', async () => {
    await harness.send(committing(miner(), first))
    const startBlock = await harness.head()
    await harness.send(committing(rival(), first))
    const own = {
      proofHash: proofHash(proofOf(first, miner()), miner()),
      roundStartBlock: startBlock,
      isProved: false,
      isSettled: false,
    }
    const round = { startBlock, commitBlocks: 3, proveBlocks: 4, isVerified: false, lateProofDeadlineBlock: null }
    expect(await read(first)).toMatchObject({ atHead: { round, own }, funds: { lockedWei: '100' } })
    expect(await read(second)).toMatchObject({
      predecessors: [
        { from: 1, to: 2, ownLiveRound: { startBlock, commitBlocks: 3, proveBlocks: 4 }, proofHash: own.proofHash },
      ],
    })
    expect(await step(first)).toMatchObject({ kind: 'wait', code: 'proof-window-opens', untilBlock: startBlock + 3 })

    await harness.mineTo(startBlock + 3)
    expect(await step(first)).toEqual({
      kind: 'prove',
      firstBlock: startBlock + 4,
      lastBlock: startBlock + 7,
      isLate: false,
    })
    await harness.send(proving(rival(), first))
    const verifiedAt = await harness.head()
    const deadline = verifiedAt + Number(testParams.lateProofBlocks)
    expect(await read(first)).toMatchObject({
      atHead: { isVerified: true, round: { ...round, isVerified: true, lateProofDeadlineBlock: deadline } },
    })
    expect(await step(first)).toMatchObject({ kind: 'prove', isLate: true, lastBlock: deadline })

    await harness.send(proving(miner(), first))
    expect(await read(first)).toMatchObject({ atHead: { own: { ...own, isProved: true } } })
    expect(await read(second)).toMatchObject({ predecessors: [] })
  })

  test("a round that is over unverified is no live one, and another round's penalty is what joining it locks", async () => {
    await harness.send(committing(miner(), second))
    const third = nextSequence(second, 1)
    await harness.send(sequencing(harness.sequencer, third))
    expect((await read(third)).predecessors).toMatchObject([{ from: 3, to: 5, ownLiveRound: { commitBlocks: 3 } }])
    await harness.send({ from: harness.owner, functionName: 'setNoProofPunishAmount', args: [250n] })
    expect((await ours.readSequence({ ...question(rangeOf(second)), miner: rival() })).funds.penaltyWei).toBe('100')
    expect((await read(third)).funds.penaltyWei).toBe('250')
    await harness.mine(7)
    expect((await read(third)).predecessors).toMatchObject([{ from: 3, to: 5, ownLiveRound: null, proofHash: null }])
  })

  test('that owes its proof is not kept from it by the history, whose end an emptied database does not know', async () => {
    const selector = toFunctionSelector('sequencedBatches(uint64)')
    const counting = await startRpcProxy(harness.anvil.url)
    onTestFinished(() => counting.close())
    async function walkedFor(sequence: TestSequence): Promise<number[]> {
      const before = counting.calls.length
      await createChain(options(counting.url)).readSequence({ ...question(rangeOf(sequence)), floor: 0 })
      const texts = counting.calls.slice(before).map((call) => JSON.stringify(call.params))
      return texts.flatMap((text) => Number.parseInt(text.split(selector)[1]?.slice(0, 64) ?? '', 16) || [])
    }
    expect(await walkedFor(second)).toContain(first.final)
    await harness.send(committing(miner(), second))
    expect(new Set(await walkedFor(second))).toEqual(new Set([second.final]))
  })
})

test('an emergency pause is seen', async () => {
  await harness.send({ from: harness.owner, functionName: 'activateEmergencyState', args: [] })
  expect((await read(second)).isContractPaused).toBe(true)
  expect(await ours.isPaused({ contract: harness.rollup, at: (await ours.agreedBlocks()).head })).toBe(true)
  await harness.send({ from: harness.owner, functionName: 'deactivateEmergencyState', args: [] })
})

describe('a rollup as a whole', () => {
  test('its sequences above a floor, with their depth; what is final is not walked again', async () => {
    const list = await ours.readRollup({ contract: harness.rollup, floor: 0, confirmations: 1 })
    expect(list.sequences.map(({ from, to, isDeep }) => ({ from, to, isDeep }))).toEqual([
      { from: 1, to: 2, isDeep: true },
      { from: 3, to: 5, isDeep: true },
      { from: 6, to: 6, isDeep: true },
    ])
    expect(list).toMatchObject({ lastVerifiedBatch: 2, lastBatchSequenced: 6, finalVerifiedBatch: 2 })
    await harness.send(sequencing(harness.sequencer, nextSequence(nextSequence(second, 1), 2)))
    const later = await ours.readRollup({ contract: harness.rollup, floor: 2, confirmations: 1 })
    expect(later.sequences.map(({ to, isDeep }) => [to, isDeep])).toEqual([
      [5, true],
      [6, true],
      [8, false],
    ])
  })

  test('walks to what is final and no further', async () => {
    const counted = createChain(options(proxy.url))
    await counted.readRollup({ contract: harness.rollup, floor: 0, confirmations: 0 })
    await harness.mine(2)
    const before = proxy.calls.length
    await counted.readRollup({ contract: harness.rollup, floor: 0, confirmations: 0 })
    const selector = toFunctionSelector('sequencedBatches(uint64)')
    const walked = proxy.calls.slice(before).filter((call) => JSON.stringify(call.params).includes(selector))
    expect(walked.length).toBeLessThanOrEqual(4) // at head and final: is the end still there, and the one above it
  })

  test('its ids, its first state, and the calldata of its sequences', async () => {
    expect(await ours.readDeployment({ contract: harness.rollup })).toEqual({
      chainId: '1001',
      forkId: '4',
      genesisStateRoot: testParams.genesis.stateRoot,
    })
    const small = createChain({ ...options(harness.anvil.url), logRangeBlocks: 3 })
    expect(await small.readGenesis({ contract: harness.rollup })).toEqual(testParams.genesis)
    await expect(small.readGenesis({ contract: harness.rollup, deployedAtBlock: 30 })).rejects.toMatchObject({
      name: 'GenesisMissingError',
    })
    const sequenced = await ours.readSequencing({ contract: harness.rollup, range: rangeOf(second) })
    expect(sequenced?.calldata).toBe(
      (await harness.client.getTransaction({ hash: await sequencingHash(second) })).input,
    )
  })

  test('on blocks before the contract nothing stands; an empty answer on a later one is not believed', async () => {
    const old = await ours.readOnChain({
      contract: harness.rollup,
      range: rangeOf(first),
      miner: miner(),
      at: await blockRef(0),
    })
    expect(old).toMatchObject({ accInputHash: null, round: null, own: null })
    const empty = createChain(options(proxy.url))
    const ask = async () => {
      const { head } = await empty.agreedBlocks()
      return empty.readOnChain({ contract: harness.rollup, range: rangeOf(first), miner: miner(), at: head })
    }
    expect(await ask()).toMatchObject({ accInputHash: first.newAccInputHash })
    await harness.mine(1)
    const { fault } = proxy
    proxy.fault = (call) => (call.method === 'eth_call' ? { kind: 'answer', change: () => '0x' } : undefined)
    await expect(ask()).rejects.toMatchObject({ name: 'ChainMovedError' })
    proxy.fault = fault
  })

  test('an address without a contract is a fatal error', async () => {
    const contract = harness.account(9)
    await expect(ours.readRollup({ contract, floor: 0, confirmations: 0 })).rejects.toMatchObject({
      name: 'NoContractError',
    })
    await expect(ours.readDeployment({ contract })).rejects.toMatchObject({ name: 'NoContractError' })
  })
})

describe("the contract's own verifier", () => {
  test('accepts what it would accept from this miner, and nothing else', async () => {
    const final = finalOf(second, miner())
    const proof = bytes(proofOf(second, miner()))
    const verify = (p: { final?: FinalStatement; proof?: Uint8Array }) =>
      ours.findRefusal({ contract: harness.rollup, final, proof, ...p })
    expect(await verify({})).toBeNull()
    expect(await verify({ proof: bytes(proofOf(second, rival())) })).toEqual({ kind: 'verifier' })
    expect(await verify({ final: { ...final, miner: rival() } })).toEqual({ kind: 'verifier' })
    // The verifier would say yes to this: only the comparison with the contract's own view of the input refuses it.
    const other = { ...final, statement: { ...final.statement, chainId: '5' } }
    expect(await verify({ final: other, proof: bytes(simulatedProof(other)) })).toEqual({ kind: 'other-input' })
    // So it would to this, with the contract's own view of the input made of our root: only the comparison of roots
    // refuses it.
    const strange = { ...final, statement: { ...final.statement, oldStateRoot: rootOf(77) } }
    const batch = strange.statement.oldBatchNum
    expect(await verify({ final: strange, proof: bytes(simulatedProof(strange)) })).toEqual({
      ...{ kind: 'other-root', batch, ours: rootOf(77), contracts: final.statement.oldStateRoot },
    })
  })

  test('is asked with the gas that the transaction will have: what runs out of it there would run out of it here', async () => {
    const proof = bytes(proofOf(second, miner()))
    const askedFrom = proxy.calls.length
    expect(await recorded.findRefusal({ contract: harness.rollup, final: finalOf(second, miner()), proof })).toBeNull()
    const gas = proxy.calls
      .slice(askedFrom)
      .flatMap(({ params }) => (params[0] as { gas?: Hex } | undefined)?.gas ?? [])
    expect(gas.map(BigInt)).toEqual([DEFAULT_MOST_GAS])
  })
})

// Helpers

function options(url: string) {
  return { chainId: foundry.id, rpcUrls: [url], finality: { confirmations: 1 }, maxFeePerGasWei: 10n ** 9n }
}

function question(range: { from: number; to: number }) {
  return { contract: harness.rollup, range, miner: miner(), finalProofBytes: 1_000 }
}

async function blockRef(number: number) {
  const { hash } = await harness.client.getBlock({ blockNumber: BigInt(number) })
  return { number, hash }
}

function rangeOf(sequence: TestSequence) {
  return { from: sequence.init + 1, to: sequence.final }
}

function read(sequence: TestSequence, chain = ours) {
  return chain.readSequence(question(rangeOf(sequence)))
}

async function step(sequence: TestSequence) {
  const proof = {
    sha256: `0x${'01'.repeat(32)}`,
    size: 36,
    proofHash: proofHash(proofOf(sequence, miner()), miner()),
    isInBothStores: true,
    isAcceptedByContract: true,
  } as const
  const onChain = await read(sequence)
  const view: SequenceView = {
    ...onChain,
    funds: { ...onChain.funds, liabilities: [] },
    expectedAccInputHash: sequence.newAccInputHash,
    finalProof: proof,
    predecessors: onChain.predecessors.map((one) => ({ ...one, isOwnProofStored: true })),
    limits: { confirmations: 0, blocksPerSequence: 1, marginBlocks: 0, maxCommitAhead: 4 },
    holds: { paused: null, cancelled: null, quarantined: null },
  }
  return nextStep(view)
}

async function sequencingHash(sequence: TestSequence) {
  const logs = await harness.client.getContractEvents({
    ...{ address: harness.rollup, abi: twoStepAbi, eventName: 'SequenceBatches', fromBlock: 0n },
    args: { numBatch: BigInt(sequence.final) },
  })
  const hash = logs.at(-1)?.transactionHash
  if (!hash) throw new Error('not sequenced')
  return hash
}

/** What the simulated verifier takes: the public input, and anything after it. */
const simulatedProof = (final: FinalStatement) => numberToHex(inputSnark(final), { size: 32 })
