import { type Abi, type Address, parseEther, toEventSelector, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'
import { rootOf } from './harness.ts'
import { Harness2023 } from './harness-2023.ts'
import { committing, proving, sequencing, staking } from './miner-actions.ts'
import { forgedProof, nextSequence, proofOf, type TestSequence } from './sequences.ts'

// The facts are those of docs/protocol.md#contracts-of-2023. T1 is 3, T2 is 4, and the fines are 1 coin without a proof
// and 10 for a wrong one.

const [FINE, WRONG] = [parseEther('1'), parseEther('10')]
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)

let harness: Harness2023
let snapshot: `0x${string}`
let miner: Address
let rival: Address

beforeAll(async () => {
  harness = await Harness2023.start()
  ;[miner, rival] = [harness.account(4), harness.account(5)]
  for (const one of [miner, rival]) await harness.send(staking(one, parseEther('100')))
  for (const one of [FIRST, SECOND]) await harness.send(sequencing(harness.sequencer, one))
})

beforeEach(async () => {
  if (snapshot !== undefined) await harness.client.revert({ id: snapshot })
  snapshot = await harness.client.snapshot()
})

afterAll(() => harness?.anvil.stop())

test.each([
  ['submitProofHash', '0x1806a037'],
  ['verifyBatches', '0xf05b688a'],
  ['sequenceBatches', '0x5e9145c9'],
  ['settle', '0x6a256b29'],
])('%s has the selector of 2023', (name, selector) => {
  expect(selectorsOf(compiledContracts().Rollup2023?.abi ?? [], name)).toEqual([selector])
})

test.each([
  ['PunishAmount', '0x8acc936fba6991324e04d4a52c1cc3bebcf35b73d8c577110f8433f649eecc5c'],
  ['DistributeRewards', '0x645eb5d352939be2ce2ee4f5cf1f158d68af7b3493869bee5500d3e632450665'],
])('%s has the topic of 2023', (name, topic) => {
  const abi = compiledContracts().SlotAdapter2023?.abi ?? []
  expect(abi.flatMap((item) => (item.type === 'event' && item.name === name ? [toEventSelector(item)] : []))).toEqual([
    topic,
  ])
})

describe('windows', () => {
  test.each([
    { after: 2, hash: 'ok', proof: 'SubmitProofEarly', why: 'before R+T1' },
    { after: 3, hash: 'ok', proof: 'ok', why: 'R+T1 belongs to both' },
    { after: 4, hash: 'CommittedTimeout', proof: 'ok', why: 'R+T1+1' },
    { after: 7, hash: 'CommittedTimeout', proof: 'ok', why: 'R+T1+T2' },
    { after: 8, hash: 'ok', proof: 'SubmitProofTooLate', why: 'the first block of a new round' },
  ])('R+$after: $why', async ({ after, hash, proof }) => {
    const start = await commit(miner, FIRST)
    await harness.mineTo(start + after - 1)
    expect([await harness.refusal(committing(rival, FIRST)), await harness.refusal(proving(miner, FIRST))]).toEqual(
      [hash, proof].map((one) => (one === 'ok' ? undefined : one)),
    )
  })

  test('a miner’s own second hash is refused up to R+T1+T2-1', async () => {
    const start = await commit(miner, FIRST)
    await harness.mineTo(start + 5)
    expect(await harness.refusal(committing(miner, FIRST))).toBe('CommittedProofHash')
    await harness.mineTo(start + 6)
    expect(await harness.refusal(committing(miner, FIRST))).toBe('CommittedTimeout')
  })

  test('T1 and T2 hold for open rounds as soon as they are set', async () => {
    await commit(miner, FIRST)
    await owner('setProofHashCommitEpoch', [1])
    expect(await harness.refusal(proving(miner, FIRST))).toBeUndefined()
    await owner('setProofHashCommitEpoch', [200])
    expect(await harness.refusal(proving(miner, FIRST))).toBe('SubmitProofEarly')
  })

  test('T1+T2 above 255 panics, though the first hash is taken', async () => {
    await owner('setProofHashCommitEpoch', [200])
    await owner('setProofCommitEpoch', [56])
    await commit(miner, FIRST)
    await harness.mine(200)
    expect([await harness.refusal(proving(miner, FIRST)), await harness.refusal(committing(miner, FIRST))]).toEqual([
      'Panic',
      'Panic',
    ])
    await owner('setProofCommitEpoch', [55])
    expect(await harness.refusal(proving(miner, FIRST))).toBeUndefined()
  })

  test('an emergency makes no round void', async () => {
    const start = await commit(miner, FIRST)
    await owner('activateEmergencyState')
    expect(await harness.refusal(proving(miner, FIRST))).toBe('OnlyNotEmergencyState')
    await owner('deactivateEmergencyState')
    expect(await roundOf(FIRST)).toBe(BigInt(start))
  })
})

describe('proofs', () => {
  test.each([
    {
      why: 'other bytes than were committed to',
      committed: proofOf(FIRST, miner4(), 0),
      shown: proofOf(FIRST, miner4(), 1),
    },
    { why: 'bytes that the verifier refuses', committed: forgedProof(), shown: forgedProof() },
  ])(
    '$why: the call succeeds, each time with the fine, and a good one is accepted after it',
    async ({ committed, shown }) => {
      await commit(miner, FIRST, committed)
      await harness.mine(3)
      await harness.send(proving(miner, FIRST, shown))
      await harness.send(proving(miner, FIRST, shown))
      expect(await harness.fines(miner)).toEqual([WRONG, WRONG])
      expect(await harness.read2023('rollup', 'lastVerifiedBatch')).toBe(0n)
      if (committed === forgedProof()) return
      await harness.send(proving(miner, FIRST, committed))
      expect(await harness.read2023('rollup', 'lastVerifiedBatch')).toBe(1n)
    },
  )

  test('come in order, and one that is early reverts without a fine', async () => {
    await commit(miner, FIRST)
    await commit(miner, SECOND)
    await harness.mine(3)
    expect(await harness.refusal(proving(miner, SECOND))).toBe('OldStateRootDoesNotExist')
    await harness.send(proving(miner, FIRST))
    await harness.send(proving(miner, SECOND))
    expect(await harness.read2023('rollup', 'batchNumToStateRoot', [2n])).toBe(SECOND.newStateRoot)
    expect(await harness.fines(miner)).toEqual([])
  })

  test('are accepted late without end, paid alike, once', async () => {
    await commit(miner, FIRST)
    await harness.send(committing(rival, FIRST))
    await harness.mine(3)
    await harness.send(proving(rival, FIRST))
    await harness.mine(300)
    await harness.send(proving(miner, FIRST))
    expect([await harness.paid(rival), await harness.paid(miner), await harness.fines(miner)]).toEqual([
      [parseEther('3')],
      [parseEther('3')],
      [], // it has called nothing since
    ])
    expect(await harness.refusal(proving(miner, FIRST))).toBe('CommittedProof')
  })

  test('are judged with the contract’s own root of the batch before', async () => {
    const other = { ...FIRST, newStateRoot: rootOf(77) } // the simulated verifier takes any root
    await commit(rival, other)
    await commit(miner, SECOND)
    await harness.mine(3)
    await harness.send(proving(rival, other))
    await harness.send(proving(miner, SECOND))
    expect(await harness.fines(miner)).toEqual([WRONG])
  })
})

describe('fines are lazy', () => {
  test('a hash without a proof costs nothing until its miner’s next call, which may be a withdrawal', async () => {
    await commit(miner, FIRST)
    await harness.mine(50)
    expect(await harness.fines(miner)).toEqual([])
    await harness.special({ part: 'ideDeposit', functionName: 'withdraw', args: [parseEther('10')], from: miner })
    expect(await harness.fines(miner)).toEqual([FINE])
    expect(await harness.read2023('ideDeposit', 'depositOf', [miner])).toBe(parseEther('89'))
  })

  test('also where another miner verified it, and the late proof is still paid', async () => {
    await commit(miner, FIRST)
    await harness.send(committing(rival, FIRST))
    await harness.mine(3)
    await harness.send(proving(rival, FIRST))
    await harness.mine(8)
    await harness.send(committing(miner, SECOND))
    await harness.send(proving(miner, FIRST))
    expect([await harness.fines(miner), await harness.paid(miner)]).toEqual([[FINE], [parseEther('3')]])
  })

  test('stake that is withdrawn in time is never fined', async () => {
    await commit(miner, FIRST)
    await harness.special({ part: 'ideDeposit', functionName: 'withdraw', args: [parseEther('100')], from: miner })
    expect(await harness.read2023('ideDeposit', 'depositOf', [miner])).toBe(0n)
  })

  test('the ledger is keyed by hash alone: whoever commits to ours breaks our proof', async () => {
    const hash = committing(miner, FIRST).args
    await commit(rival, SECOND)
    await commit(miner, FIRST)
    // It is its second entry, of our hash.
    await harness.send({ from: rival, functionName: 'submitProofHash', args: hash })
    await harness.mine(3)
    expect(await harness.refusal(proving(miner, FIRST))).toBe('Panic')
  })
})

describe('what pays decides over the proof', () => {
  test.each([
    { why: 'the slot is paused', refusal: 'SlotNotRunning', act: () => adapter('setPaused', [true]) },
    { why: 'the rewards are drained', refusal: 'RewardsDrained', act: () => adapter('drain', [harness.owner]) },
  ])('$why', async ({ refusal, act }) => {
    await commit(miner, FIRST)
    await harness.mine(3)
    await act()
    expect(await harness.refusal(proving(miner, FIRST))).toBe(refusal)
  })

  test('all committed stake together is below one coin', async () => {
    await owner('setMinDeposit', [0n])
    const poor = harness.account(6)
    await harness.send(staking(poor, parseEther('0.9')))
    await commit(poor, FIRST)
    await harness.mine(3)
    expect(await harness.refusal(proving(poor, FIRST))).toBe('Panic')
  })
})

describe('sequencing', () => {
  test('one sequence a block', async () => {
    const third = nextSequence(SECOND, 1)
    await harness.enqueue(sequencing(harness.sequencer, third))
    const second = await harness.enqueue(sequencing(harness.sequencer, nextSequence(third, 1)))
    await harness.client.mine({ blocks: 1 })
    expect((await harness.client.getTransactionReceipt({ hash: second })).status).toBe('reverted')
    expect(await harness.read2023('rollup', 'lastBatchSequenced')).toBe(3n)
  })

  test('anybody posts forced batches, with an event of their own', async () => {
    const batch = { transactions: '0x01', globalExitRoot: rootOf(1), minForcedTimestamp: 1n }
    await harness.special({
      part: 'rollup',
      functionName: 'sequenceForceBatches',
      args: [[batch]],
      from: harness.stranger,
    })
    const logs = await harness.client.getLogs({
      address: harness.rollup,
      fromBlock: await harness.client.getBlockNumber(),
    })
    expect(logs.map(({ topics }) => topics[0])).toEqual([toEventSelector('SequenceForceBatches(uint64)')])
    expect(await harness.read2023('rollup', 'lastBatchSequenced')).toBe(3n)
  })
})

/** Gives an address before there is a chain: anvil's accounts are always the same. */
function miner4(): Address {
  return '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'
}

/** Sends a hash. @returns R. */
async function commit(from: Address, sequence: TestSequence, proof = proofOf(sequence, from)): Promise<number> {
  await harness.send(committing(from, sequence, proof))
  return harness.head()
}

const owner = (functionName: string, args: readonly unknown[] = []) =>
  harness.special({ part: 'rollup', functionName, args })

const adapter = (functionName: string, args: readonly unknown[]) =>
  harness.special({ part: 'slotAdapter', functionName, args })

const roundOf = async ({ final }: TestSequence): Promise<bigint> =>
  (
    await harness.read2023<readonly [string, bigint, bigint, bigint, boolean]>('rollup', 'sequencedBatches', [
      BigInt(final),
    ])
  )[3]

const selectorsOf = (abi: Abi, name: string): string[] =>
  abi.flatMap((item) => (item.type === 'function' && item.name === name ? [toFunctionSelector(item)] : []))
