import { parseEther } from 'viem'
import { expect, onTestFinished, test } from 'vitest'
import type { CheckResult } from '../../../workers/preflight/checks.ts'
import { MINER, operatorConfig } from '../../client/support.ts'
import { Harness } from '../../contracts/harness.ts'
import { committing, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { chargesPerByte, DATA_FEE_ORACLE } from '../../support/nodes/data-fee-oracle.ts'
import { resultOf } from './support.ts'

// `zkpow check` finds the gas that transactions take, and what they cost besides.

test('the gas of all steps, that of a hash and of a stake from trials in the next block', async () => {
  const own = await Harness.start()
  onTestFinished(() => own.anvil.stop())
  const look = () => found(own, 8_000_000n)
  await own.send(staking(MINER, 2_000n))
  expect((await look())?.text).toMatch(
    /gas: hash \d+ \(reckoned: no sequence is open to a hash of ours\), proof \d+ \(reckoned/,
  )
  const sequence = nextSequence(undefined, 1)
  await own.send(sequencing(own.sequencer, sequence))
  const open = await look()
  expect(open).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(/stake \d+; a transaction may have 8000000$/),
  })
  const [, hash] = /gas: hash (\d+), proof/.exec(open?.text ?? '') ?? []
  await own.send(committing(MINER, sequence))
  const { gasUsed } = await own.client.getTransactionReceipt({
    hash: (await own.client.getBlock()).transactions[0] ?? '0x',
  })
  expect(Number(hash)).toBeGreaterThan(Number(gasUsed))
  expect(Number(hash)).toBeLessThan(2 * Number(gasUsed))
  expect((await look())?.text).toContain('no sequence is open to a hash of ours')
})

test('what a chain charges for data besides gas is told, and asked for', async () => {
  const own = await Harness.start()
  onTestFinished(() => own.anvil.stop())
  await own.send(staking(MINER, 2_000n))
  await own.send(sequencing(own.sequencer, nextSequence(undefined, 1)))
  await own.client.setCode({ address: DATA_FEE_ORACLE, bytecode: chargesPerByte(10n ** 16n) })
  await own.client.setBalance({ address: MINER, value: parseEther('800') })
  const { status, text = '' } = (await found(own, 8_000_000n)) ?? {}
  const [, hash, proof] = /for data, besides gas: hash ([\d.]+), proof ([\d.]+) at most/.exec(text) ?? []
  expect([Number(hash), Number(proof)]).toEqual([13.32, 813.32])
  expect(status).toBe('warning')
  expect(text).toMatch(
    /balance is 800, at the fee cap 8\d\d\.\d+ are needed: .* for a commit and its proof \[balance-short\]/,
  )
})

test.each([
  { maxGas: 16_777_216n, status: 'ok', says: '' },
  {
    maxGas: 16_777_217n,
    status: 'warning',
    says: 'maxGas is 16777217, and nodes take no transaction with more than 16777216 (EIP-7825)',
  },
])('maxGas $maxGas: $status', async ({ maxGas, status, says }) => {
  const own = await Harness.start()
  onTestFinished(() => own.anvil.stop())
  expect(await found(own, maxGas, 'chain dev')).toMatchObject({ status, text: expect.stringContaining(says) })
})

test('a hash that takes more gas than a transaction may have', async () => {
  const own = await Harness.start()
  onTestFinished(() => own.anvil.stop())
  await own.send(staking(MINER, 2_000n))
  await own.send(sequencing(own.sequencer, nextSequence(undefined, 1)))
  expect(await found(own, 100_000n)).toMatchObject({
    status: 'warning',
    text: expect.stringContaining('[gas-above-limit]'),
  })
})

/** Tells what is found at this contract, of new hashes where nothing else is asked. @param maxGas of a transaction. */
async function found(
  harness: Harness,
  maxGas: bigint,
  about = 'commits of rollup payments',
): Promise<CheckResult | undefined> {
  const made = operatorConfig({ rpcUrl: harness.anvil.url })
  const chains = made.chains.map((chain) => ({ ...chain, maxGas }))
  const rollups = made.rollups.map((rollup) => ({ ...rollup, contract: harness.rollup }))
  return resultOf(about, { ...made, chains, rollups })
}
