import { type Address, getContract, type Hex, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { type Call, Harness, rootOf } from './harness.ts'

let chain: Harness
let snapshot: Hex

beforeAll(async () => {
  chain = await Harness.start()
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

const someone: Address = '0x00000000000000000000000000000000000000aa'
type Setting = Pick<Call, 'functionName' | 'args'> & { view: string; event: string; stored: unknown }

test.each<Setting>([
  {
    functionName: 'setProofHashCommitEpoch',
    args: [9],
    view: 'proofHashCommitEpoch',
    event: 'SetProofHashCommitEpoch',
    stored: 9,
  },
  { functionName: 'setProofCommitEpoch', args: [9], view: 'proofCommitEpoch', event: 'SetProofCommitEpoch', stored: 9 },
  { functionName: 'setLateProofBlocks', args: [9n], view: 'lateProofBlocks', event: 'SetLateProofBlocks', stored: 9n },
  { functionName: 'setMinDeposit', args: [9n], view: 'minDeposit', event: 'SetMinDeposit', stored: 9n },
  {
    functionName: 'setNoProofPunishAmount',
    args: [9n],
    view: 'noProofPunishAmount',
    event: 'SetNoProofPunishAmount',
    stored: 9n,
  },
  {
    functionName: 'setRewardPerSequence',
    args: [9n],
    view: 'rewardPerSequence',
    event: 'SetRewardPerSequence',
    stored: 9n,
  },
  {
    functionName: 'setTrustedSequencer',
    args: [someone],
    view: 'trustedSequencer',
    event: 'SetTrustedSequencer',
    stored: someone,
  },
  { functionName: 'setTreasury', args: [someone], view: 'treasury', event: 'SetTreasury', stored: someone },
  {
    functionName: 'activateEmergencyState',
    args: [],
    view: 'isEmergencyState',
    event: 'EmergencyStateActivated',
    stored: true,
  },
])('$functionName: the owner only, with an event', async ({ functionName, args, view, event, stored }) => {
  const call = { functionName, args } as Omit<Call, 'from'>
  expect(await chain.act({ ...call, from: chain.stranger })).toBe('OnlyOwner')
  expect(await chain.act({ ...call, from: chain.owner })).toBe('ok')
  const value = await chain.client.readContract({
    abi: rollupAbi,
    address: chain.rollup,
    functionName: view as 'minDeposit',
  })
  expect(typeof value === 'string' ? (value as string).toLowerCase() : value).toBe(stored)
  const events = await chain.client.getContractEvents({ abi: rollupAbi, address: chain.rollup, fromBlock: 'latest' })
  expect(events.map(({ eventName }) => eventName)).toEqual([event])
})

test.each<Omit<Call, 'from'>>([
  { functionName: 'setProofHashCommitEpoch', args: [0] },
  { functionName: 'setProofCommitEpoch', args: [0] },
  { functionName: 'setLateProofBlocks', args: [2n ** 27n + 1n] },
  { functionName: 'setTrustedSequencer', args: [zeroAddress] },
  { functionName: 'setTreasury', args: [zeroAddress] },
])('$functionName($args) is refused', async (call) => {
  expect(await chain.act({ ...call, from: chain.owner })).toBe('InvalidParameter')
})

test('the ownership changes hands in two steps', async () => {
  const offer: Call = { from: chain.owner, functionName: 'transferOwnership', args: [chain.stranger] }
  const accept: Omit<Call, 'from'> = { functionName: 'acceptOwnership', args: [] }
  expect(await chain.act({ ...offer, from: chain.stranger })).toBe('OnlyOwner')
  expect(await chain.act(offer)).toBe('ok')
  expect(await chain.act({ ...accept, from: chain.sequencer })).toBe('OnlyPendingOwner')
  expect(await view().read.owner()).toBe(chain.owner)
  expect(await chain.act({ ...accept, from: chain.stranger })).toBe('ok')
  expect(await view().read.owner()).toBe(chain.stranger)
  expect(await chain.act({ ...accept, from: chain.stranger })).toBe('OnlyPendingOwner')
})

test('an emergency stops sequencing, commits and proofs, and nothing else', async () => {
  const emergency = (functionName: 'activateEmergencyState' | 'deactivateEmergencyState'): Call => ({
    from: chain.owner,
    functionName,
    args: [],
  })
  const from = chain.stranger
  const stopped: Call[] = [
    { from, functionName: 'sequenceBatches', args: [[], from] },
    { from, functionName: 'submitProofHash', args: [0n, 1n, rootOf(1)] },
    { from, functionName: 'verifyBatches', args: [0n, 1n, rootOf(1), rootOf(1), '0x'] },
  ]
  const running: Call[] = [
    { from, functionName: 'deposit', args: [], value: 5n },
    { from, functionName: 'withdraw', args: [5n] },
    { from, functionName: 'fundRewards', args: [], value: 5n },
    { from, functionName: 'claim', args: [[]] },
    { from, functionName: 'withdrawTreasury', args: [] },
  ]
  await chain.send(emergency('activateEmergencyState'))
  for (const call of stopped) expect(await chain.act(call)).toBe('OnlyNotEmergencyState')
  for (const call of running) expect(await chain.act(call)).toBe('ok')
  expect(await chain.act(emergency('activateEmergencyState'))).toBe('OnlyNotEmergencyState')
  expect(await chain.act({ ...emergency('deactivateEmergencyState'), from })).toBe('OnlyOwner')
  expect(await chain.act(emergency('deactivateEmergencyState'))).toBe('ok')
  expect(await chain.act(emergency('deactivateEmergencyState'))).toBe('OnlyEmergencyState')
})

test('an emergency can not end in the block it began in', async () => {
  await chain.enqueue({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
  expect(await chain.refusal({ from: chain.owner, functionName: 'deactivateEmergencyState', args: [] })).toBe(
    'EmergencyTooShort',
  )
})

test('coins sent without a call are refused', async () => {
  await expect(chain.client.call({ account: chain.stranger, to: chain.rollup, value: 1n })).rejects.toThrow()
})

const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
