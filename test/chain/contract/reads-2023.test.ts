import { parseEther } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { proofHash } from '../../../protocol/proof/public-input.ts'
import { rootOf } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence, proofOf, type TestSequence } from '../../contracts/sequences.ts'

const FIRST = nextSequence(undefined, 2)
const SECOND = nextSequence(FIRST, 3)
const FORCED = { from: 6, to: 6 }

let harness: Harness2023
let chain: Chain
const miner = () => harness.account(4)
const rival = () => harness.account(5)

beforeAll(async () => {
  harness = await Harness2023.start()
  chain = createChain({
    chainId: foundry.id,
    rpcUrls: [harness.anvil.url],
    finality: { confirmations: 1 },
    maxFeePerGasWei: 10n ** 9n,
  })
  for (const one of [FIRST, SECOND]) await harness.send(sequencing(harness.sequencer, one))
  for (const one of [miner(), rival()]) await harness.send(staking(one, parseEther('100')))
})

afterAll(() => harness?.anvil.stop())

describe('a contract of 2023', () => {
  test('is known for what it is', async () => {
    expect(await chain.readGeneration({ contract: harness.rollup })).toBe('globals')
    expect(await chain.readDeployment({ contract: harness.rollup })).toMatchObject({ chainId: '1001', forkId: '4' })
    await expect(chain.readGenesis({ contract: harness.rollup })).rejects.toMatchObject({ name: 'GenesisMissingError' })
    const { head } = await chain.agreedBlocks()
    const ofMiner = { contract: harness.rollup, miner: miner(), at: head }
    const reads = [chain.readStake(ofMiner), chain.readClaimable(ofMiner), chain.readReward({ ...ofMiner, to: 1 })]
    expect(await Promise.all(reads)).toEqual([undefined, undefined, undefined])
  })

  test('posted, committed, proved by a rival, late: read as the rule has it', async () => {
    expect(await read(FIRST)).toMatchObject({
      atHead: { accInputHash: FIRST.newAccInputHash, isVerified: false, round: null, own: null },
      nextRound: { commitBlocks: 3, proveBlocks: 4 },
      hasClaims: false,
      funds: {
        stakeWei: `${parseEther('100')}`,
        lockedWei: '0',
        minStakeWei: `${parseEther('50')}`,
        penaltyWei: `${parseEther('1')}`,
      },
    })
    await harness.send(committing(miner(), FIRST))
    const startBlock = await harness.head()
    await harness.send(committing(rival(), FIRST))
    const own = {
      proofHash: proofHash(proofOf(FIRST, miner()), miner()),
      roundStartBlock: startBlock,
      isProved: false,
      isSettled: false,
    }
    const round = { startBlock, commitBlocks: 3, proveBlocks: 4, isVerified: false, lateProofDeadlineBlock: null }
    expect(await read(FIRST)).toMatchObject({ atHead: { round, own } })
    await harness.special({ part: 'rollup', functionName: 'setProofCommitEpoch', args: [9] })
    expect((await read(FIRST)).atHead.round).toEqual({ ...round, proveBlocks: 9 }) // it is read anew
    await harness.mineTo(startBlock + 3)
    await harness.send(proving(rival(), FIRST))
    expect(await read(FIRST)).toMatchObject({
      atHead: { isVerified: true, round: { isVerified: true, lateProofDeadlineBlock: null }, own },
    })
    await harness.send(proving(miner(), FIRST))
    expect(await read(FIRST)).toMatchObject({ atHead: { own: { ...own, isProved: true } } })
  })

  test('forced batches are found and named, and so is what the sequencer posts after them', async () => {
    const batch = { transactions: '0x01', globalExitRoot: rootOf(1), minForcedTimestamp: 1n }
    await harness.special({
      part: 'rollup',
      functionName: 'sequenceForceBatches',
      args: [[batch]],
      from: harness.stranger,
    })
    const block = await harness.head()
    const contract = harness.rollup
    expect(await chain.readSequencing({ contract, range: FORCED })).toMatchObject({
      isForced: true,
      blockNumber: block,
    })
    expect(await chain.readSequencing({ contract, range: rangeOf(SECOND) })).toMatchObject({ isForced: false })
    const look = await chain.readSequence({ contract, range: FORCED, miner: miner(), finalProofBytes: 1 })
    expect(look.sequencedAtBlock).toBe(block)
  })
})

const rangeOf = ({ init, final }: TestSequence) => ({ from: init + 1, to: final })

const read = (sequence: TestSequence) =>
  chain.readSequence({ contract: harness.rollup, range: rangeOf(sequence), miner: miner(), finalProofBytes: 1_000 })
