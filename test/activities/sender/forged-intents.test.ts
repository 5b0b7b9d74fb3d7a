import { decodeFunctionData, parseTransaction } from 'viem'
import { describe, expect, test } from 'vitest'
import { createOpenStake } from '../../../activities/operator/open-stake.ts'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import type { SenderDeps } from '../../../activities/sender/sender-account.ts'
import { depositAbi, twoStepAbi } from '../../../chain/abi.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { orderStake } from '../../../db/attempts/stake-orders.ts'
import { putBlob } from '../../../db/proofs/blobs.ts'
import type { Address } from '../../../protocol/base/ranges.ts'
import { proofHash as hashOf } from '../../../protocol/proof/public-input.ts'
import type { Intent, SequenceIntent, StakeIntent } from '../../../protocol/sender/intent.ts'
import { anvilKeys } from '../../chain/anvil-keys.ts'
import { hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'

// Whoever can reach Temporal can signal a sender. What its transactions call, with what and when, must not be theirs to
// say.

const STRANGER: Address = '0x00000000000000000000000000000000000000aa'
const OTHER = { sha256: hash(1), size: 7, proofHash: hash(2) }

interface Forgery {
  why: string
  forged: Partial<SequenceIntent>
}

const ANY_STEP: Forgery[] = [
  { why: "a stranger's contract", forged: { contract: STRANGER } },
  { why: 'a hash that is in no store', forged: { finalProof: OTHER } },
  { why: 'a window that is over', forged: { firstBlock: 0, lastBlock: 50 } },
  { why: 'a window that never comes', forged: { firstBlock: 10 ** 9, lastBlock: null } },
  { why: 'all of it', forged: { contract: STRANGER, finalProof: OTHER, firstBlock: 10 ** 9, lastBlock: 50 } },
]

describe('a forged signal', () => {
  test.each(ANY_STEP)(
    'to commit, with $why: the stored hash is committed to the contract of the rollup',
    async ({ forged }) => {
      const { advance, calls, intent, rollup } = await scene()
      await advance([{ ...intent('commit'), ...forged }])
      const { proofHash } = intent('commit').finalProof ?? OTHER
      expect(calls()).toEqual([[rollup.contract, 'submitProofHash', [0n, 3n, proofHash]]])
    },
  )

  test.each([
    ...ANY_STEP,
    { why: 'bytes of another proof, which a contract of 2023 fines', forged: { finalProof: null } },
    { why: 'an urgency that is none of it', forged: { step: 'prove-late', lastBlock: 101 } as const },
  ])('to prove, with $why: the proof of our hash is sent to the contract of the rollup', async ({ why, forged }) => {
    const { advance, calls, commit, deps, intent, rollup } = await scene()
    commit()
    const bytes = new TextEncoder().encode('another proof')
    const { proofHash } = intent('prove').finalProof ?? OTHER
    const other = why.startsWith('bytes of another')
      ? { finalProof: { ...(await putBlob(deps.db, bytes)), proofHash } }
      : {}
    const { queue } = await advance([{ ...intent('prove'), ...forged, ...other }])
    expect(queue).toEqual([intent('prove')])
    const [[to, name, args] = []] = calls()
    expect([to, name, args?.slice(0, 2)]).toEqual([rollup.contract, 'verifyBatches', [0n, 3n]])
    expect(hashOf(Buffer.from(String(args?.[4]).slice(2), 'hex'), MINER)).toBe(proofHash)
  })

  test.each(ANY_STEP)('with $why takes no nonce from a proof that is out', async ({ forged }) => {
    const { advance, commit, contract, intent } = await scene()
    commit()
    await advance([intent('prove')])
    const sent = [...contract.broadcasts]
    await advance([{ ...intent('prove'), ...forged }])
    expect(contract.broadcasts).toEqual([...sent, ...sent]) // it sends the same bytes again
  })

  test.each(ANY_STEP)('with $why takes no nonce from a hash that is out', async ({ forged }) => {
    const { advance, contract, intent } = await scene()
    await advance([intent('commit')])
    const sent = [...contract.broadcasts]
    await advance([{ ...intent('commit'), ...forged }])
    expect(contract.broadcasts).toEqual([...sent, ...sent])
  })

  test('about the stake moves nothing that no operator has ordered', async () => {
    const { advance, calls, deps, rollup } = await scene()
    const forged: StakeIntent = {
      ...{ step: 'stake', rollup: rollup.name, contract: STRANGER, toWei: '0', firstBlock: 0, lastBlock: null },
    }
    const { lines } = await advance([forged])
    expect(lines).toEqual([`stake ${rollup.name}: dropped, no operator's order of a stake is stored`])
    const ask = (toWei: string) => createOpenStake(deps)({ chainId: 31337, account: MINER, rollup: rollup.name, toWei })
    expect(await ask('99')).toMatchObject({
      intent: null,
      answer: { isDone: false, answer: expect.stringContaining('zkpow stake') },
    })
    await orderStake(deps.db, { rollup: rollup.name, toWei: '99', who: 'ann' })
    expect(await ask('99')).toMatchObject({ answer: { isDone: true } })
    await advance([forged])
    expect(calls()).toEqual([[rollup.contract, 'withdraw', [1n]]])
  })

  test('of a rollup of another account, or of none, begins nothing', async () => {
    const { advance, calls, intent, rollup } = await scene()
    rollup.miner = STRANGER
    const { lines } = await advance([intent('commit')])
    expect(lines).toEqual([
      expect.stringContaining("dropped, the configuration doesn't give its rollup to this account"),
    ])
    expect(calls()).toEqual([])
  })

  test.each([null, 7, 'commit', [], {}, { step: 'commit' }, { step: 'stake', toWei: '-1' }])(
    'that is no intent (%j) stops nobody',
    async (alien) => {
      const { advance, calls, intent, rollup } = await scene()
      const { lines } = await advance([alien as unknown as Intent, intent('commit')])
      expect(lines).toContain('1 signals dropped: what they carried is no intent')
      expect(calls()).toEqual([[rollup.contract, 'submitProofHash', expect.anything()]])
    },
  )
})

async function scene() {
  const { db } = await openTestDatabase() // attempts belong to the account
  const { deps: proving, contract, prove, rollup, sequence } = await openSequence(db)
  const account = createMinerAccount(anvilKeys[1] ?? '')
  const limits = { maxFeePerGasWei: 1_000n, patienceBlocks: 3 }
  const deps: SenderDeps = { ...proving, senders: [{ chainId: 31337, chain: rollup.chain, account, limits }] }
  const finalProof = await prove()
  const round = { startBlock: 85, commitBlocks: 10, proveBlocks: 20, isVerified: false, lateProofDeadlineBlock: null }
  return {
    ...{ deps, contract, rollup },
    intent: (step: 'commit' | 'prove'): SequenceIntent => ({
      ...{ ...sequence, step, contract: rollup.contract, finalProof },
      ...(step === 'commit' ? { firstBlock: 101, lastBlock: null } : { firstBlock: 96, lastBlock: 115 }),
    }),
    /** Has our hash stand on chain. */
    commit() {
      const own = { proofHash: finalProof.proofHash, roundStartBlock: 85, isProved: false, isSettled: false }
      contract.state = { ...contract.state, round, own }
    },
    advance: (queue: Intent[]) => createAdvanceSender(deps)({ chainId: 31337, account: account.address, queue }),
    /** Tells whom the transactions called that were sent, and with what. */
    calls: () =>
      contract.broadcasts.map((raw) => {
        const { to, data = '0x' } = parseTransaction(raw)
        const { functionName, args } = decodeFunctionData({ abi: [...twoStepAbi, ...depositAbi], data })
        return [to, functionName, args] as const
      }),
  }
}
