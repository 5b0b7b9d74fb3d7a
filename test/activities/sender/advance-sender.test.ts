import { sql } from 'drizzle-orm'
import { decodeFunctionData, keccak256, parseTransaction } from 'viem'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import type { SenderDeps } from '../../../activities/sender/sender-account.ts'
import { twoStepAbi } from '../../../chain/abi.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import type { MinedReceipt } from '../../../chain/transactions/read-account.ts'
import { listSequenceAttempts, listUnfinalAttempts, markToBump } from '../../../db/attempts/attempts.ts'
import type { Db } from '../../../db/connection/connect.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { Intent, SequenceIntent } from '../../../protocol/sender/intent.ts'
import { hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'

/** Of the public test mnemonic, account 1. */
const KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'

const ROUND = { startBlock: 80, commitBlocks: 10, proveBlocks: 20, isVerified: false, lateProofDeadlineBlock: null }

describe('a pass of the sender', () => {
  test('stores what it signs before it sends it', async () => {
    const { advance, contract, intent, rows } = await scene()
    contract.onBroadcast = async (raw) => {
      expect((await rows()).map(({ raw: stored, sentAtBlock }) => [toHex(stored), sentAtBlock])).toEqual([[raw, null]])
    }
    const pass = await advance([intent()])
    expect(pass).toMatchObject({ queue: [intent()], unfinalNonces: 1, waitMs: 2_000 })
    expect(contract.broadcasts).toHaveLength(1)
    const [row] = await rows()
    expect(row).toMatchObject({
      nonce: 5,
      attempt: 0,
      sentAtBlock: 100,
      txHash: keccak256(contract.broadcasts[0] ?? '0x'),
    })
    expect(row?.purpose).toMatchObject({ step: 'commit', from: 1, to: 3, finalProof: intent().finalProof })
    const transaction = parseTransaction(contract.broadcasts[0] ?? '0x')
    expect(transaction).toMatchObject({
      chainId: 31337,
      nonce: 5,
      gas: 1_000_000n,
      maxPriorityFeePerGas: 1n,
      maxFeePerGas: 21n,
    })
    const { functionName, args } = decodeFunctionData({ abi: twoStepAbi, data: transaction.data ?? '0x' })
    expect([functionName, args]).toEqual(['submitProofHash', [0n, 3n, intent().finalProof?.proofHash]])
  })

  test('that died before it sent sends the same bytes later', async () => {
    const { advance, contract, intent, rows } = await scene()
    contract.onBroadcast = () => Promise.reject(new Error('the process is gone'))
    await expect(advance([intent()])).rejects.toThrow('gone')
    const stored = (await rows()).map(({ raw }) => toHex(raw))
    expect(stored).toHaveLength(1)
    contract.onBroadcast = async () => {}
    await advance([intent()])
    expect(contract.broadcasts).toEqual(stored)
    expect(await rows()).toMatchObject([{ attempt: 0, sentAtBlock: 100 }])
  })

  test('of two aggregators at a time sends one transaction', async () => {
    const { advance, contract, deps, intent, rows } = await scene()
    // The second one's node sees another fee market, so that its bytes would be others.
    const [sender] = deps.senders
    if (sender === undefined) throw new Error('There is no sender.')
    const chain = {
      ...sender.chain,
      ...contract.chain,
      readFeeMarket: async () => ({ baseFeePerGas: 99n, priorityFeePerGas: 2n }),
    }
    const rival = createAdvanceSender({ ...deps, senders: [{ ...sender, chain }] })
    await Promise.all([advance([intent()]), rival({ chainId: 31337, account: MINER, queue: [intent()] })])
    const stored = (await rows()).map(({ raw }) => toHex(raw))
    expect(stored).toHaveLength(1)
    expect(new Set(contract.broadcasts)).toEqual(new Set(stored))
    expect(contract.broadcasts).toHaveLength(2)
  })

  test('of two aggregators with the same bytes stores them once, however they race', async () => {
    const { advance, intent, rows } = await scene()
    await Promise.all(Array.from({ length: 8 }, () => advance([intent()])))
    expect(await rows()).toHaveLength(1)
  })

  test('goes on with no plan of which another aggregator has carried out a part otherwise', async () => {
    const { advance, contract, deps, intent, rows } = await scene()
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    contract.state = {
      ...contract.state,
      round: { ...ROUND, startBlock: 85 },
      own: { proofHash, roundStartBlock: 85, isProved: false, isSettled: false },
    }
    const proof: Intent = { ...intent(), step: 'prove', firstBlock: 96, lastBlock: 115 }
    const claim: Intent = { ...intent(), step: 'claim', finalProof: null, firstBlock: 0 }
    const [sender] = deps.senders
    if (sender === undefined) throw new Error('There is no sender.')
    // The other one knows of the claim alone, and is first with the nonce that this one has planned for the proof.
    const readFeeMarket = async () => {
      sender.chain = { ...sender.chain, ...contract.chain }
      await advance([claim])
      return { baseFeePerGas: 10n, priorityFeePerGas: 1n }
    }
    sender.chain = { ...sender.chain, readFeeMarket }
    const pass = await advance([proof, claim])
    expect((await rows()).map(({ nonce, purpose }) => [nonce, purpose?.step])).toEqual([[5, 'claim']])
    expect(pass).toMatchObject({
      queue: [proof, claim],
      lines: expect.arrayContaining(['another aggregator of this account was first']),
    })
    await advance(pass.queue)
    expect((await rows()).map(({ nonce, purpose }) => [nonce, purpose?.step])).toEqual([
      [5, 'claim'],
      [6, 'prove'],
    ])
  })

  test('sends no hash on what it read before it was suspended, but a proof', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { advance, contract, deps, intent } = await scene()
    const [sender] = deps.senders
    if (sender === undefined) throw new Error('There is no sender.')
    const readFeeMarket = async () => {
      vi.setSystemTime(Date.now() + 61_000)
      return { baseFeePerGas: 10n, priorityFeePerGas: 1n }
    }
    sender.chain = { ...sender.chain, readFeeMarket }
    const pass = await advance([intent()])
    expect(pass).toMatchObject({
      queue: [intent()],
      lines: expect.arrayContaining(['hashes wait: this pass took too long to send any']),
    })
    expect(contract.broadcasts).toEqual([])
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    contract.state = {
      ...contract.state,
      round: { ...ROUND, startBlock: 85 },
      own: { proofHash, roundStartBlock: 85, isProved: false, isSettled: false },
    }
    await advance([{ ...intent(), step: 'prove', firstBlock: 96, lastBlock: 115 }])
    expect(contract.broadcasts).toHaveLength(1)
  })

  test('sends a proof with the state root that it proves', async () => {
    const { advance, contract, intent } = await scene()
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    contract.state = {
      ...contract.state,
      round: ROUND,
      own: { proofHash, roundStartBlock: 80, isProved: false, isSettled: false },
    }
    await advance([{ ...intent(), step: 'prove', firstBlock: 91, lastBlock: 110 }])
    const { data = '0x' } = parseTransaction(contract.broadcasts[0] ?? '0x')
    const { functionName, args = [] } = decodeFunctionData({ abi: twoStepAbi, data })
    expect(functionName).toBe('verifyBatches')
    const text = Buffer.from(String(args[4]).slice(2), 'hex').toString()
    expect(text).toBe(`final to ${args[3]} `)
  })

  test('lets nothing else wait for a proof whose inputs are gone', async () => {
    const { advance, contract, deps, intent, sequence } = await scene()
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    contract.state = {
      ...contract.state,
      round: ROUND,
      own: { proofHash, roundStartBlock: 80, isProved: false, isSettled: false },
    }
    await deps.db.execute(sql`delete from zkpow.batches`)
    deps.archive = { ...deps.archive, list: async () => ({ proofs: [], unreadable: [] }) }
    const proof: Intent = { ...intent(), step: 'prove', firstBlock: 91, lastBlock: 110 }
    const claim: Intent = { ...intent(), step: 'claim', finalProof: null, firstBlock: 0 }
    const pass = await advance([proof, claim])
    expect(pass.lines).toContain(`prove ${sequence.rollup} 1-3: held, its inputs have to be prepared again`)
    expect(contract.broadcasts).toHaveLength(1)
    expect(pass.queue).toEqual([proof, claim])
  })

  test('drops what is done for good, says so, and rests', async () => {
    const { advance, contract, intent, sequence } = await scene()
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    contract.state = {
      ...contract.state,
      round: { ...ROUND, startBlock: 85 },
      own: { proofHash, roundStartBlock: 85, isProved: false, isSettled: false },
    }
    const told = [`commit ${sequence.rollup} 1-3: dropped, its effect is final`]
    expect(await advance([intent()])).toEqual({ queue: [], unfinalNonces: 0, lines: told, waitMs: 2_000 })
    expect(await advance([])).toEqual({ queue: [], unfinalNonces: 0, lines: [], waitMs: null })
    expect(contract.broadcasts).toEqual([])
  })

  test('says why it drops what can not succeed any more, until the next pass', async () => {
    const { advance, contract, intent, sequence } = await scene()
    contract.state = { ...contract.state, isVerified: true }
    const pass = await advance([intent()])
    expect(pass).toMatchObject({
      queue: [],
      lines: [`commit ${sequence.rollup} 1-3: dropped, the sequence is verified already`],
    })
    expect(await advance(pass.queue)).toMatchObject({ queue: [], lines: [] })
  })

  test('holds back a hash whose gate closed while it waited', async () => {
    const { advance, contract, intent } = await scene()
    contract.accepts = false
    const pass = await advance([intent()])
    expect(pass.lines.join()).toContain('verifier refuses')
    expect(contract.broadcasts).toEqual([])
    expect(pass.queue).toEqual([intent()])
  })

  test('settles a nonce that is final', async () => {
    const { advance, contract, intent, rows } = await scene()
    await advance([intent()])
    Object.assign(contract, { nonceAtHead: 6, nonceAtFinal: 6 })
    expect(await advance([])).toMatchObject({ unfinalNonces: 0, waitMs: null })
    expect(await rows()).toEqual([])
  })

  test.each([
    { what: 'a replacement', before: 1, after: 0 },
    { what: 'a first attempt', before: 0, after: 1 },
  ])('notes which attempt is in a block, when a reorg puts it in the place of $what', async ({ before, after }) => {
    const { advance, contract, deps, intent, rows, sequence } = await scene()
    await advance([intent()])
    await markToBump(
      deps.db,
      { chainId: 31337, account: MINER, nonce: 5, attempt: 0 },
      { who: 'me', reason: 'to have two' },
    )
    await advance([intent()])
    const attempts = await rows()
    expect(attempts).toHaveLength(2)
    const receiptOf = (attempt: number, block: number): MinedReceipt => ({
      ...{ txHash: attempts[attempt]?.txHash ?? '0x', blockNumber: block, blockHash: hash(block), status: 'success' },
      ...{ gasUsed: 21_000n, effectiveGasPrice: 3n },
    })
    Object.assign(contract, { nonceAtHead: 6, receipts: [receiptOf(before, 98)] })
    await advance([])
    expect((await rows()).map(({ inclusion }) => inclusion?.minedBlock)[before]).toBe(98)
    Object.assign(contract, { nonceAtFinal: 6, receipts: [receiptOf(after, 89)] })
    await advance([])
    const settled = await listSequenceAttempts(deps.db, sequence)
    expect(settled[before]).toMatchObject({ isFinal: true, isReplaced: true, inclusion: null })
    expect(settled[after]).toMatchObject({
      isFinal: true,
      isReplaced: false,
      inclusion: { minedBlock: 89, gasUsed: 21_000n },
    })
  })

  test('settles nothing, and takes nothing back, while the endpoints do not tell what is final, and says so', async () => {
    const { advance, contract, intent, rows } = await scene()
    const { proofHash } = intent().finalProof ?? { proofHash: '0x' }
    await advance([intent()])
    Object.assign(contract, { nonceAtHead: 6, nonceAtFinal: 6 })
    await advance([])
    contract.state = {
      ...contract.state,
      round: { ...ROUND, startBlock: 85 },
      own: { proofHash, roundStartBlock: 85, isProved: false, isSettled: false },
    }
    const proof: Intent = { ...intent(), step: 'prove', firstBlock: 96, lastBlock: 115 }
    await advance([proof])
    Object.assign(contract, { nonceAtHead: 7, nonceAtFinal: null })
    const pass = await advance([])
    expect(pass.lines.at(-1)).toBe(
      "finality: the endpoints don't tell what stands after final block 90, 10 below the head: their nodes keep too few states",
    )
    expect((await rows()).map(({ nonce }) => nonce)).toEqual([6])
  })

  test('takes back what it settled when a reorg took even the head below it, also while nobody tells what is final', async () => {
    const { advance, contract, intent, rows } = await scene()
    await advance([intent()])
    Object.assign(contract, { nonceAtHead: 6, nonceAtFinal: 6 })
    await advance([])
    expect(await rows()).toEqual([])
    Object.assign(contract, { nonceAtHead: 5, nonceAtFinal: null })
    await advance([])
    expect((await rows()).map(({ nonce }) => nonce)).toEqual([5])
  })

  test('is followed by the next one soon, however long blocks are taken to need', async () => {
    const { deps, intent } = await scene()
    for (const sender of deps.senders) sender.chain = { ...sender.chain, msPerBlock: async () => 1_000_000 }
    const pass = await createAdvanceSender(deps)({ chainId: 31337, account: MINER, queue: [intent()] })
    expect(pass.waitMs).toBe(15_000)
  })

  test('of an account without a key says so', async () => {
    const { deps } = await scene()
    const stranger = '0x0000000000000000000000000000000000000001'
    const asked = createAdvanceSender(deps)({ chainId: 31337, account: stranger, queue: [] })
    await expect(asked).rejects.toMatchObject({ code: 'ZKPOW-ACTIVITY-007' })
  })
})

// Helpers

const toHex = (raw: Uint8Array): Hex => `0x${Buffer.from(raw).toString('hex')}`

/** A proved sequence whose hash may be committed, in a database of its own: attempts belong to the account. */
async function scene() {
  const { db }: { db: Db } = await openTestDatabase()
  const { deps: proving, contract, prove, rollup, sequence } = await openSequence(db)
  const account = createMinerAccount(KEY)
  const limits = { maxFeePerGasWei: 1_000n, patienceBlocks: 3 }
  const deps: SenderDeps = { ...proving, senders: [{ chainId: 31337, chain: rollup.chain, account, limits }] }
  const finalProof = await prove()
  const intent = (): SequenceIntent => ({
    ...sequence,
    step: 'commit',
    contract: rollup.contract,
    finalProof,
    firstBlock: 101,
    lastBlock: null,
  })
  const advance = (queue: Intent[]) => createAdvanceSender(deps)({ chainId: 31337, account: account.address, queue })
  return {
    advance,
    contract,
    deps,
    intent,
    sequence,
    rows: () => listUnfinalAttempts(db, { chainId: 31337, account: MINER }),
  }
}
