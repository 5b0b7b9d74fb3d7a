import { describe, expect, test } from 'vitest'
import type { MinedReceipt } from '../../../chain/transactions/read-account.ts'
import { listSequenceAttempts, markToBump } from '../../../db/attempts/attempts.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { hash, MINER } from '../../db/fixtures.ts'
import { openSender, ROUND } from './sender-scene.ts'

describe('a pass of the sender', () => {
  test('settles a nonce that is final', async () => {
    const { advance, contract, intent, rows } = await openSender()
    await advance([intent()])
    Object.assign(contract, { nonceAtHead: 6, nonceAtFinal: 6 })
    expect(await advance([])).toMatchObject({ unfinalNonces: 0, waitMs: null })
    expect(await rows()).toEqual([])
  })

  test.each([
    { what: 'a replacement', before: 1, after: 0 },
    { what: 'a first attempt', before: 0, after: 1 },
  ])('notes which attempt is in a block, when a reorg puts it in the place of $what', async ({ before, after }) => {
    const { advance, contract, deps, intent, rows, sequence } = await openSender()
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
    const { advance, contract, intent, rows } = await openSender()
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
    const { advance, contract, intent, rows } = await openSender()
    await advance([intent()])
    Object.assign(contract, { nonceAtHead: 6, nonceAtFinal: 6 })
    await advance([])
    expect(await rows()).toEqual([])
    Object.assign(contract, { nonceAtHead: 5, nonceAtFinal: null })
    await advance([])
    expect((await rows()).map(({ nonce }) => nonce)).toEqual([5])
  })
})
