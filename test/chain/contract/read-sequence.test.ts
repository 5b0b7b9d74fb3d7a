import { toFunctionSelector } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { proofHash } from '../../../protocol/proof/public-input.ts'
import { nextStep } from '../../../protocol/sequence/next-step.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'
import { testParams } from '../../contracts/harness.ts'
import { committing, proving, sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, proofOf, type TestSequence } from '../../contracts/sequences.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import {
  first,
  harness,
  miner,
  options,
  ours,
  question,
  rangeOf,
  rival,
  second,
  sequencingHash,
  useReads,
} from './reads-scene.ts'

useReads()

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

function read(sequence: TestSequence) {
  return ours.readSequence(question(rangeOf(sequence)))
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
