import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { OperatorConfig } from '../../../config/types.ts'
import { startBlocker } from '../../../workers/preflight/checks.ts'
import { CONTRACT, MINER, operatorConfig } from '../../client/support.ts'
import { Harness } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { check, find, resultOf } from './support.ts'

let harness: Harness
beforeAll(async () => {
  harness = await Harness.start()
})
afterAll(() => harness.anvil.stop())

test('a rollup that answers, with a miner without stake: a warning that says what is short', async () => {
  const results = await check(config())
  expect(find(results, 'chain dev')).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(/^chain 31337, head \d+, final \d+, 1 of 1/),
  })
  expect(find(results, 'rollup payments')).toMatchObject({
    status: 'ok',
    text: expect.stringContaining('rollup chain 1001, fork 4'),
  })
  expect(find(results, 'commits of rollup payments')).toMatchObject({
    status: 'warning',
    text: expect.stringMatching(
      /no new hash would be sent: stake is 0, the contract asks for 0\.000000000000001 .*\[stake-short\].*`zkpow stake payments --to 0.000000000000001` cures it/,
    ),
    error: null,
  })
})

test('windows that are too short for the limits', async () => {
  await harness.send({ from: MINER, functionName: 'deposit', args: [], value: 2_000n })
  const limits = { maxUnproved: 4, confirmations: 1, blocksPerSequence: 9, marginBlocks: 1, maxCommitAhead: 4 }
  const results = await check(config({ limits }))
  expect(find(results, 'commits of rollup payments')?.text).toContain('[predecessor-windows-tight]')
})

test('an account whose address is not known', async () => {
  const results = await check(config({ account: { name: 'miner', address: null } }))
  expect(find(results, 'commits of rollup payments')).toMatchObject({
    status: 'warning',
    text: expect.stringContaining('accounts.miner.address'),
  })
})

test('a proof that is owed for another rollup of the account is needed, too', async () => {
  const own = await Harness.start()
  onTestFinished(() => own.anvil.stop())
  const other = await own.beside()
  const sequence = nextSequence(undefined, 1)
  await own.send(staking(MINER, 2_000n))
  await other.send(staking(MINER, 2_000n))
  await other.send(sequencing(other.sequencer, sequence))
  await other.send(committing(MINER, sequence))
  await own.client.setBalance({ address: MINER, value: 1n })
  const made = operatorConfig({ rpcUrl: own.anvil.url })
  const rollups = made.rollups.flatMap((rollup) => [
    { ...rollup, contract: own.rollup },
    { ...rollup, contract: other.rollup, name: 'other' },
  ])
  const { text = '' } = (await resultOf('commits of rollup payments', { ...made, rollups })) ?? {}
  expect(text).toMatch(/balance is 0\.0+1, .* for the proof of batches 1 of other \[balance-short\]/)
})

test('a contract of 2023 whose first state is in no file: failed, and an aggregator does not start', async () => {
  const of2023 = await Harness2023.start()
  onTestFinished(() => of2023.anvil.stop())
  const made = operatorConfig({ rpcUrl: of2023.anvil.url })
  const results = await check({
    ...made,
    rollups: made.rollups.map((rollup) => ({ ...rollup, contract: of2023.rollup })),
  })
  expect(find(results, 'genesis of rollup payments')).toMatchObject({
    ...{ status: 'failed', text: expect.stringContaining('rollups.payments.genesisFile') },
  })
  expect(startBlocker(results.filter(({ about }) => about === 'genesis of rollup payments'))).toMatchObject({
    name: 'GenesisFileError',
  })
})

test('a contract of 2023: its hazards, what keeps hashes back, and how its stake is raised', async () => {
  const of2023 = await Harness2023.start()
  onTestFinished(() => of2023.anvil.stop())
  const made = operatorConfig({ rpcUrl: of2023.anvil.url })
  const config = { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: of2023.rollup })) }
  await of2023.send(staking(MINER, parseEther('2')))
  const calm = await check(config)
  expect(find(calm, 'rollup payments')).toMatchObject({
    status: 'ok',
    text: expect.stringContaining('finds hashes by their bytes alone'),
  })
  const { text = '' } = find(calm, 'commits of rollup payments') ?? {}
  expect(text).toContain(
    'stake is 2, the contract asks for 50 (deposit from the account itself, with the aggregator stopped',
  )
  expect(text).toContain('; 50 is enough: deposit from the account itself')
  expect(text).not.toContain('zkpow stake')
  await of2023.special({ part: 'rollup', functionName: 'setProofHashCommitEpoch', args: [255] })
  const results = await check(config)
  expect(find(results, 'rollup payments')).toMatchObject({
    status: 'warning',
    text: expect.stringMatching(/^T1\+T2 is 259: /),
  })
  expect(find(results, 'commits of rollup payments')).toMatchObject({
    text: expect.stringContaining('[windows-overflow]'),
  })
})

test('an address without a contract', async () => {
  const result = await resultOf('rollup payments', config({ contract: CONTRACT }))
  expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining("correct the contract's address") })
})

function config(change: Partial<OperatorConfig['rollups'][number]> = {}): OperatorConfig {
  const made = operatorConfig({ rpcUrl: harness.anvil.url })
  return { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: harness.rollup, ...change })) }
}
