import { describe, expect, test } from 'vitest'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { MINER } from '../../db/fixtures.ts'
import { openSender, ROUND, toHex } from './sender-scene.ts'

describe('a pass of the sender', () => {
  test('of two aggregators at a time sends one transaction', async () => {
    const { advance, contract, deps, intent, rows } = await openSender()
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
    const { advance, intent, rows } = await openSender()
    await Promise.all(Array.from({ length: 8 }, () => advance([intent()])))
    expect(await rows()).toHaveLength(1)
  })

  test('goes on with no plan of which another aggregator has carried out a part otherwise', async () => {
    const { advance, contract, deps, intent, rows } = await openSender()
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
})
