import { parseEventLogs } from 'viem'
import { describe, expect, test } from 'vitest'
import { gasLimitFor } from '../../../chain/trials/gas.ts'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { GateCondition } from '../../../protocol/sequence/gate-conditions.ts'
import { type Harness, testParams } from '../../contracts/harness.ts'
import { settling } from '../../contracts/miner-actions.ts'
import { forgedProof, nextSequence } from '../../contracts/sequences.ts'
import { fundRewards, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// These conditions of the gate need a real verifier and a real account. The others are in
// test/protocol/sequence/gate-penalties.test.ts.

const CASES: {
  condition: GateCondition
  why: string
  trouble: (miner: MinerOnAnvil) => Promise<void>
  blind: (miner: MinerOnAnvil) => void
}[] = [
  {
    condition: 'proof-not-accepted',
    why: 'a proof that the verifier refuses can not be shown',
    trouble: async (miner) => void Object.assign(miner, { makeProof: () => forgedProof() }),
    blind({ rollup }) {
      const { chain } = rollup
      const tryPair: typeof chain.tryPair = async () => ({ commitGas: 300_000n, proofGas: 300_000n, reverts: null })
      rollup.chain = { ...chain, findRefusal: async () => null, tryPair }
    },
  },
  {
    condition: 'balance-short',
    why: 'the coins pay the hash and not the proof',
    trouble: ({ harness, miner, rollup }) =>
      harness.client.setBalance({ address: miner, value: rollup.chain.feesWei({ gas: 200_000n, bytes: 0 }) }),
    blind({ rollup }) {
      const { chain } = rollup
      const readSequence: typeof chain.readSequence = async (p) => {
        const seen = await chain.readSequence(p)
        return { ...seen, funds: { ...seen.funds, balanceWei: seen.funds.reserveWei } }
      }
      rollup.chain = { ...chain, readSequence }
    },
  },
]

test.each(CASES)('$condition: $why', async ({ condition, trouble, blind }) => {
  const seeing = await story(trouble)
  expect(seeing).toMatchObject({ penalties: [] })
  expect(seeing.codes).toContain(condition)
  expect(await story(trouble, blind)).toMatchObject({ penalties: [100n] })
})

describe('coins for one hash and its proof, and for another hash', () => {
  test.each([
    { why: 'a second sequence', second: async (miner: MinerOnAnvil) => miner, previous: true },
    {
      why: 'another rollup of the account',
      second: (miner: MinerOnAnvil) => startTight({ beside: miner }),
      previous: false,
    },
  ])('$why waits: the proof that is owed is paid first', async ({ second, previous }) => {
    const tell = (blind: boolean) => dearStory(second, { blind, isSuccessor: previous })
    const seeing = await tell(false)
    expect(seeing).toMatchObject({ penalties: [], proved: 1 })
    expect(seeing.why).toMatch(/for the proof of batches 1 of rollup|for commit and proof of batches 1 of rollup/)
    expect(await tell(true)).toMatchObject({ penalties: [100n], proved: 1 })
  })
})

test('a claim takes none of the coins that are set aside for a proof that is owed', async () => {
  const seeing = await claimStory({ blind: false })
  expect(seeing).toMatchObject({ penalties: [], proved: 2, ran: ['commit', 'prove', 'claim'] })
  expect(seeing.held).toMatch(/claim rollup\S* 1: held, balance is [\d.]+, .* for the proof of batches 1 of rollup/)
  expect(await claimStory({ blind: true })).toMatchObject({ penalties: [100n], proved: 1 })
})

/** Limits that transactions almost use up: with the usual margin coins would be left over, and no proof missed. */
const GAS = {
  commit: gasLimitFor(256, 79_000n),
  prove: gasLimitFor(256 + 36, 155_000n),
  claim: gasLimitFor(256, 160_000n),
}

async function startTight(p: Parameters<typeof startMiner>[0] = {}): Promise<MinerOnAnvil> {
  const miner = await startMiner({ ...p, stakeWei: 5_000n })
  const gasOf = (step = '') => GAS[step as keyof typeof GAS] ?? GAS.commit
  const tight: Partial<typeof miner.rollup.chain> = {
    tryPair: async () => ({ commitGas: GAS.commit, proofGas: GAS.prove, reverts: null }),
    gasLimit: async ({ purpose }) => gasOf(purpose?.step),
    mostWei: (step) => gasOf(step) * 10n ** 9n,
  }
  for (const holder of [miner.rollup, ...miner.deps.senders]) holder.chain = { ...holder.chain, ...tight }
  return miner
}

/** The base fee stays just below what hashes offer (8/9 of the cap), so that what may be paid is paid. */
const DEAR = 880_000_000n

/**
 * Plays two sequences with coins that pay a hash, a proof and a hash. Then anybody settles what wasn't proved in time.
 */
async function dearStory(
  secondOf: (miner: MinerOnAnvil) => Promise<MinerOnAnvil>,
  { blind, isSuccessor }: { blind: boolean; isSuccessor: boolean },
) {
  const first = await startTight()
  const second = await secondOf(first)
  const miners = new Set([first, second])
  if (blind) for (const { rollup } of miners) rollup.chain = { ...rollup.chain, mostWei: () => 0n }
  const sequence = nextSequence(undefined, 1)
  await first.open(sequence)
  const other = nextSequence(isSuccessor ? sequence : undefined, 1)
  await second.open(other)
  const { client } = first.harness
  await client.setBalance({ address: first.miner, value: (2n * GAS.commit + GAS.prove) * 10n ** 9n })
  let why = ''
  for (let block = 0; block < 16; block += 1) {
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: DEAR })
    for (const miner of miners) await miner.look()
    const { lines } = await first.pass()
    const steps = [...miners].flatMap(({ looks }) => [...looks.values()].map(({ step }) => step))
    const said = [...lines, ...steps.flatMap((step) => (step.kind === 'wait' ? step.why : []))]
    why += said.filter((line) => line.includes('are needed: ')).join('\n')
    await first.harness.mine(1)
  }
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 0n })
  await first.harness.act(settling(first.harness.stranger, sequence, first.miner))
  await second.harness.act(settling(second.harness.stranger, other, first.miner))
  const ended = await Promise.all([...miners].map(({ harness }) => outcomes(harness)))
  return {
    why,
    penalties: ended.flatMap(({ penalties }) => penalties),
    proved: ended.reduce((sum, { proved }) => sum + proved, 0),
  }
}

/**
 * Plays a reward that waits to be claimed while another rollup's hash is out, and the coins pay its proof alone. Then
 * there are more coins.
 */
async function claimStory({ blind }: { blind: boolean }) {
  const first = await startTight()
  const second = await startTight({ beside: first })
  const { client } = first.harness
  const [proved, owed] = [nextSequence(undefined, 1), nextSequence(undefined, 1)]
  await fundRewards(first.harness)
  const ref = await first.open(proved)
  while ((await outcomes(first.harness)).proved === 0) await first.live(1)
  // The claim then comes in the second's T1.
  await first.live(Number(testParams.lateProofBlocks) - testParams.commitBlocks)
  await second.open(owed)
  await second.look()
  await first.pass() // both share one sender
  await first.harness.mine(1)
  if (blind) for (const { rollup } of [first, second]) rollup.chain = { ...rollup.chain, mostWei: () => 0n }
  await client.setBalance({ address: first.miner, value: GAS.prove * 10n ** 9n })
  let held = ''
  const live = async (blocks: number) => {
    for (let block = 0; block < blocks; block += 1) {
      await client.setNextBlockBaseFeePerGas({ baseFeePerGas: DEAR })
      for (const miner of [first, second]) await miner.look()
      const { lines } = await first.pass()
      held += lines.filter((line) => line.startsWith('claim')).join('\n')
      await first.harness.mine(1)
    }
  }
  await live(8)
  await client.setBalance({ address: first.miner, value: 10n ** 18n })
  await live(4)
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 0n })
  await second.harness.act(settling(second.harness.stranger, owed, first.miner))
  const ended = await Promise.all([first, second].map(({ harness }) => outcomes(harness)))
  const total = {
    penalties: ended.flatMap(({ penalties }) => penalties),
    proved: ended.reduce((sum, { proved }) => sum + proved, 0),
  }
  return { held, ...total, ran: await ranFor(first, ref) }
}

/** Plays two rounds' worth of blocks with the trouble, then anybody settles. */
async function story(trouble: (miner: MinerOnAnvil) => Promise<void>, blind: (miner: MinerOnAnvil) => void = () => {}) {
  const miner = await startMiner({ stakeWei: 5_000n })
  await trouble(miner)
  blind(miner)
  const sequence = nextSequence(undefined, 1)
  const { to } = await miner.open(sequence)
  const codes = new Set<string>()
  for (let block = 0; block < 10; block += 1) {
    await miner.live(1)
    const step = miner.looks.get(to)?.step
    if (step?.kind === 'wait') codes.add(step.code)
  }
  const { harness } = miner
  await harness.act(settling(harness.stranger, sequence, miner.miner))
  return { codes: [...codes], ...(await outcomes(harness)) }
}

async function outcomes({ client, rollup }: Harness) {
  const logs = await client.getLogs({ address: rollup, fromBlock: 0n })
  return {
    penalties: parseEventLogs({ abi: rollupAbi, logs, eventName: 'PunishAmount' }).map(({ args }) => args.amount),
    proved: parseEventLogs({ abi: rollupAbi, logs, eventName: 'ProofAccepted' }).length,
  }
}
