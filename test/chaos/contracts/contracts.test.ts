import { createPublicClient, createWalletClient, http, type PublicClient, parseEther } from 'viem'
import { foundry } from 'viem/chains'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { AccountClients } from '../../../dev/payments/deploy.ts'
import { Harness } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { forgedProof, nextSequence, proofOf } from '../../contracts/sequences.ts'
import { WINDOWS } from '../plans/windows.ts'
import { contractOf } from './index.ts'

const { commitBlocks: T1, proveBlocks: T2 } = WINDOWS
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)
const COIN = parseEther('1')

describe.each<LocalRollup['generation']>(['ours', '2023'])('what is read of a round of %s', (generation) => {
  test('is what the contract itself takes and refuses', async () => {
    const { harness, rollup, miner, rival } = await started(generation)
    expect(await readRound(rollup)).toMatchObject({ roundEnd: 0, proofsBegin: 0, isOurs: false })
    await harness.send(committing(miner, FIRST))
    const { commitsEnd, proofsBegin, roundEnd, isOurs, isOurProofAccepted } = await readRound(rollup)
    expect([isOurs, isOurProofAccepted]).toEqual([true, false])
    const isTaken = async (block: number, call: ReturnType<typeof committing> | ReturnType<typeof proving>) => {
      const head = await harness.head()
      if (head < block - 1) await harness.mineTo(block - 1)
      return (await harness.refusal(call)) === undefined
    }
    expect(await isTaken(proofsBegin - 1, proving(miner, FIRST))).toBe(false)
    // That block takes proofs, too.
    if (generation === '2023') expect(await isTaken(proofsBegin, committing(rival, FIRST))).toBe(true)
    expect(await isTaken(proofsBegin, proving(miner, FIRST))).toBe(true)
    expect(await isTaken(commitsEnd, committing(rival, FIRST))).toBe(false)
    expect(await isTaken(roundEnd, proving(miner, FIRST))).toBe(true)
    expect(await isTaken(roundEnd + 1, proving(miner, FIRST))).toBe(false)
    expect(await isTaken(roundEnd + 1, committing(rival, FIRST))).toBe(true)
  })

  test('tells our accepted proof', async () => {
    const { harness, rollup, miner } = await started(generation)
    await harness.send(committing(miner, FIRST))
    await harness.mineTo((await readRound(rollup)).proofsBegin - 1)
    await harness.send(proving(miner, FIRST))
    expect(await readRound(rollup)).toMatchObject({ isOurs: true, isOurProofAccepted: true })
  })
})

describe('facts of a contract of 2023', () => {
  test('a late proof is paid, an expired hash and a wrong proof are fined, and every wei is in a bucket', async () => {
    const { harness, rollup, client, miner, rival } = await started('2023')
    for (const from of [miner, rival]) await harness.send(committing(from, FIRST))
    const first = (await harness.head()) - 1
    await harness.mineTo(first + T1)
    for (const from of [rival, miner]) await harness.send(proving(from, FIRST))
    await harness.send(committing(miner, SECOND))
    const second = await harness.head()
    await harness.mineTo(second + T1 + T2)
    await harness.send(committing(miner, SECOND, forgedProof())) // it is fined for the hash before
    const third = await harness.head()
    await harness.mineTo(third + T1)
    await harness.send(proving(miner, SECOND, forgedProof()))
    const facts = await contractOf(rollup).readFacts(client, rollup)
    expect(facts.rounds).toEqual([
      { to: 1, startBlock: first, ...WINDOWS },
      { to: 2, startBlock: second, ...WINDOWS },
      { to: 2, startBlock: third, ...WINDOWS },
    ])
    expect(facts.accepted).toEqual([rival, miner].map((one) => ({ to: 1, miner: one, roundStartBlock: first })))
    expect(facts.settled).toEqual(
      [rival, miner].map((one) => ({ to: 1, miner: one, penaltyWei: 0n, rewardWei: 3n * COIN })),
    )
    expect(facts.paid).toEqual([rival, miner].map((one) => ({ miner: one, wei: 3n * COIN })))
    expect(facts.fines).toEqual([
      { miner, wei: COIN, block: third, isOfWrongProof: false },
      { miner, wei: 10n * COIN, block: third + T1 + 1, isOfWrongProof: true },
    ])
    expect(facts.buckets).toEqual({
      stake: 189n * COIN,
      locked: 0n,
      claimable: 0n,
      fined: 11n * COIN,
      pool: 994n * COIN,
    })
    expect(facts.balanceWei).toBe(1_194n * COIN)
    expect(facts.stakes.map(({ miner: one, totalWei }) => [one, totalWei])).toEqual([
      [miner, 89n * COIN],
      [rival, 100n * COIN],
    ])
  })

  test('are refused where the contract keeps something else than its events tell', async () => {
    // The events then tell nothing of other windows.
    const { harness, rollup, client, miner } = await started('2023', { proveBlocks: T2 - 100 })
    await harness.send(committing(miner, FIRST))
    await harness.mine(T1 + T2 - 90)
    await harness.send(committing(miner, FIRST, proofOf(FIRST, miner, 1)))
    await expect(contractOf(rollup).readFacts(client, rollup)).rejects.toThrow(
      /has R=\d+ for batch 1 .* its events say otherwise/,
    )
  })
})

const readRound = (rollup: LocalRollup) => contractOf(rollup).readRound(rollup, FIRST.final)

/**
 * Starts a chain with a rollup of that generation, two miners with stake and two posted sequences, and gives the rollup
 * as the harness knows it.
 */
async function started(generation: LocalRollup['generation'], params: { proveBlocks?: number } = {}) {
  const harness =
    generation === '2023'
      ? await Harness2023.start({ ...WINDOWS, ...params })
      : await Harness.start({ ...WINDOWS, ...params })
  onTestFinished(() => harness.anvil.stop())
  const [miner, rival] = [harness.account(4), harness.account(5)]
  for (const from of [miner, rival]) await harness.send(staking(from, 100n * COIN))
  for (const one of [FIRST, SECOND]) await harness.send(sequencing(harness.sequencer, one))
  const options = { chain: foundry, transport: http(harness.anvil.url), cacheTime: 0 }
  const client = createPublicClient(options) as PublicClient
  const clients = {
    publicClient: client,
    walletClient: createWalletClient({ ...options, account: miner }),
  } as AccountClients
  const parts =
    harness instanceof Harness2023 ? { ideDeposit: harness.ideDeposit, slotAdapter: harness.slotAdapter } : {}
  const rollup = { name: 'r', generation, rollup: harness.rollup, miner: clients, ...parts } as LocalRollup
  return { harness, rollup, client, miner, rival }
}
