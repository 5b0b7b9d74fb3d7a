import { parseEventLogs } from 'viem'
import { expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import type { GateCondition } from '../../protocol/commit-gate.ts'
import { settling } from '../contracts/miner-actions.ts'
import { forgedProof, nextSequence } from '../contracts/sequences.ts'
import { type MinerOnAnvil, startMiner } from './miner-on-anvil.ts'

// Conditions of the gate that need a real verifier and a real account; the others: test/protocol/gate-penalties.test.ts.

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
    blind: ({ rollup }) => Object.assign(rollup, { chain: { ...rollup.chain, verifyFinalProof: async () => true } }),
  },
  {
    condition: 'balance-short',
    why: 'the coins pay the hash and not the proof',
    trouble: ({ harness, miner }) => harness.client.setBalance({ address: miner, value: 10n ** 15n }),
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

// Helpers

/** Two rounds' worth of blocks with the trouble, then anybody settles. */
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
  const logs = await harness.client.getLogs({ address: harness.rollup, fromBlock: 0n })
  return {
    codes: [...codes],
    penalties: parseEventLogs({ abi: rollupAbi, logs, eventName: 'PunishAmount' }).map(({ args }) => args.amount),
  }
}
