import { getContract, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployRollup, type RollupParams } from '../../contracts/tooling/deploy.ts'
import { DeploymentError } from '../../contracts/tooling/deploy-contract.ts'
import { inputSnarkBytes } from '../../protocol/proof/public-input.ts'
import { Harness, rootOf, testParams } from './harness.ts'
import { sequencing } from './miner-actions.ts'
import { nextSequence } from './sequences.ts'

/** A first state of no kind in particular. */
const genesis = { stateRoot: testParams.genesis.stateRoot, state: '0x0102030405' } as const
const someone = '0x00000000000000000000000000000000000000AA'

let chain: Harness
beforeAll(async () => {
  chain = await Harness.start({ genesis, owner: someone })
})
afterAll(() => chain?.anvil.stop())

test('the deployed rollup says what it was deployed with', async () => {
  const { read } = getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
  expect(await Promise.all([read.chainID(), read.forkID(), read.batchBytes()])).toEqual([1001n, 4n, 8n])
  expect(await Promise.all([read.proofHashCommitEpoch(), read.proofCommitEpoch(), read.lateProofBlocks()])).toEqual([
    3,
    4,
    6n,
  ])
  expect(await Promise.all([read.minDeposit(), read.noProofPunishAmount(), read.rewardPerSequence()])).toEqual([
    1_000n,
    100n,
    1_000n,
  ])
  expect(await Promise.all([read.slotAdapter(), read.ideDeposit()]).then((addresses) => new Set(addresses).size)).toBe(
    1,
  )
  expect(await read.batchNumToStateRoot([0n])).toBe(genesis.stateRoot)
  expect(await Promise.all([read.owner(), read.pendingOwner()])).toEqual([chain.owner, someone])
})

test('the first state can be read from one event after the deployment block', async () => {
  const filter = {
    abi: rollupAbi,
    address: chain.rollup,
    eventName: 'GenesisState',
    fromBlock: chain.deploymentBlock,
  } as const
  const events = await chain.client.getContractEvents(filter)
  expect(events.map(({ args }) => args)).toEqual([genesis])
})

test('it is initialised once, by the owner', async () => {
  const call = { functionName: 'initialize', args: [genesis.stateRoot, genesis.state] } as const
  expect(await chain.act({ ...call, from: chain.owner })).toBe('AlreadyInitialized')
  expect(await chain.act({ ...call, from: chain.stranger })).toBe('OnlyOwner')
})

test('the chain of input hashes and the 212 bytes of the public input are those that protocol/ computes', async () => {
  const first = nextSequence(undefined, 2)
  const second = nextSequence(first, 3)
  for (const sequence of [first, second]) await chain.send(sequencing(chain.sequencer, sequence))
  const { read } = getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
  const [accInputHash, sequencedTimestamp, previous, R, isVerified] = await read.sequencedBatches([5n])
  const { timestamp } = await chain.client.getBlock()
  expect([accInputHash, sequencedTimestamp, previous, R, isVerified]).toEqual([
    second.newAccInputHash,
    timestamp,
    2n,
    0n,
    false,
  ])
  const [miner] = chain.miners as [Hex]
  const bytes = await read.getInputSnarkBytes([2n, 5n, rootOf(9), second.oldStateRoot, second.newStateRoot], {
    account: miner,
  })
  const statement = { ...second, oldBatchNum: 2, newBatchNum: 5, chainId: '1001', forkId: '4' }
  expect(bytes).toBe(inputSnarkBytes({ miner, newLocalExitRoot: rootOf(9), statement }))
})

describe('parameters that are refused before anything is sent', () => {
  test.each<{ wrong: Partial<RollupParams>; names: string }>([
    { wrong: { commitBlocks: 0 }, names: 'commitBlocks' },
    { wrong: { proveBlocks: 256 }, names: 'proveBlocks' },
    { wrong: { batchBytes: 0 }, names: 'batchBytes' },
    { wrong: { penalty: -1n }, names: 'penalty' },
    { wrong: { treasury: '0x0000000000000000000000000000000000000000' }, names: 'treasury' },
    { wrong: { genesis: { ...genesis, stateRoot: rootOf(0) } }, names: 'stateRoot' },
    { wrong: { genesis: { ...genesis, state: '0x0' } }, names: 'state' },
  ])('$names', async ({ wrong, names }) => {
    const good = { ...testParams, trustedSequencer: chain.sequencer, treasury: chain.treasury, verifier: chain.rollup }
    const deployment = deployRollup(chain.deployClients(), chain.artifacts, { ...good, ...wrong })
    await expect(deployment).rejects.toThrow(DeploymentError)
    await expect(deployment).rejects.toThrow(names)
  })
})
