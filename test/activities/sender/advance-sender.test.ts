import { sql } from 'drizzle-orm'
import { decodeFunctionData, keccak256, parseTransaction } from 'viem'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import { twoStepAbi } from '../../../chain/abi.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { MINER } from '../../db/fixtures.ts'
import { openSender, ROUND, toHex } from './sender-scene.ts'

describe('a pass of the sender', () => {
  test('stores what it signs before it sends it', async () => {
    const { advance, contract, intent, rows } = await openSender()
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
    const { advance, contract, intent, rows } = await openSender()
    contract.onBroadcast = () => Promise.reject(new Error('the process is gone'))
    await expect(advance([intent()])).rejects.toThrow('gone')
    const stored = (await rows()).map(({ raw }) => toHex(raw))
    expect(stored).toHaveLength(1)
    contract.onBroadcast = async () => {}
    await advance([intent()])
    expect(contract.broadcasts).toEqual(stored)
    expect(await rows()).toMatchObject([{ attempt: 0, sentAtBlock: 100 }])
  })

  test('sends no hash on what it read before it was suspended, but a proof', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { advance, contract, deps, intent } = await openSender()
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
    const { advance, contract, intent } = await openSender()
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
    const { advance, contract, deps, intent, sequence } = await openSender()
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
    const { advance, contract, intent, sequence } = await openSender()
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
    const { advance, contract, intent, sequence } = await openSender()
    contract.state = { ...contract.state, isVerified: true }
    const pass = await advance([intent()])
    expect(pass).toMatchObject({
      queue: [],
      lines: [`commit ${sequence.rollup} 1-3: dropped, the sequence is verified already`],
    })
    expect(await advance(pass.queue)).toMatchObject({ queue: [], lines: [] })
  })

  test('holds back a hash whose gate closed while it waited', async () => {
    const { advance, contract, intent } = await openSender()
    contract.accepts = false
    const pass = await advance([intent()])
    expect(pass.lines.join()).toContain('verifier refuses')
    expect(contract.broadcasts).toEqual([])
    expect(pass.queue).toEqual([intent()])
  })

  test('is followed by the next one soon, however long blocks are taken to need', async () => {
    const { deps, intent } = await openSender()
    for (const sender of deps.senders) sender.chain = { ...sender.chain, msPerBlock: async () => 1_000_000 }
    const pass = await createAdvanceSender(deps)({ chainId: 31337, account: MINER, queue: [intent()] })
    expect(pass.waitMs).toBe(15_000)
  })

  test('of an account without a key says so', async () => {
    const { deps } = await openSender()
    const stranger = '0x0000000000000000000000000000000000000001'
    const asked = createAdvanceSender(deps)({ chainId: 31337, account: stranger, queue: [] })
    await expect(asked).rejects.toMatchObject({ code: 'ZKPOW-CONFIG-NO-ACCOUNT' })
  })
})
