import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import {
  listSequenceAttempts,
  listUnfinalAttempts,
  markBroadcast,
  markMined,
  reopenNonces,
  settleNonce,
  storeAttempt,
  unmarkMined,
} from '../../../db/attempts/attempts.ts'
import type { Db } from '../../../db/connection/connect.ts'
import { attempt, bytesOf, hash, MINER, openAs, openTestDatabase } from '../fixtures.ts'

const ACCOUNT = { chainId: 31337, account: MINER }
const INCLUSION = {
  minedBlock: 12,
  blockHash: hash(12),
  gasUsed: 2n ** 40n,
  effectiveGasPrice: 3n,
  status: 'success',
} as const

let db: Db
let url: string
beforeAll(async () => {
  ;({ db, url } = await openTestDatabase())
})
beforeEach(async () => {
  await db.execute(sql`truncate zkpow.attempts`)
})

test('an attempt comes back as it was stored, and once more for a retry', async () => {
  const stored = await storeAttempt(db, attempt())
  expect(stored).toMatchObject({
    ...attempt(),
    broadcastAt: null,
    sentAtBlock: null,
    inclusion: null,
    isReplaced: false,
    isFinal: false,
  })
  expect(await storeAttempt(db, attempt())).toEqual(stored)
  expect(await listSequenceAttempts(db, { rollup: 'payments', from: 1, to: 3 })).toEqual([stored])
})

test('of aggregators that store the same nonce at once, all get the bytes of one', async () => {
  const rivals = [1, 2, 3, 4].map((n) => attempt({ txHash: hash(n), raw: bytesOf(`signed by ${n}`) }))
  const answers = await Promise.all(rivals.map((rival, n) => storeAttempt(n % 2 ? db : openAs(url), rival)))
  const [standing] = await listUnfinalAttempts(db, ACCOUNT)
  expect(rivals.map((r) => r.txHash)).toContain(standing?.txHash)
  expect(answers).toEqual(answers.map(() => standing))
})

test('one transaction is not two attempts: what stands under its nonce already is what comes back', async () => {
  const first = await storeAttempt(db, attempt())
  const second = await storeAttempt(db, attempt({ attempt: 1, txHash: hash(2) }))
  expect(await storeAttempt(db, attempt({ attempt: 2 }))).toEqual(first)
  // The attempt that was first under the key stands before all.
  expect(await storeAttempt(db, attempt({ attempt: 1 }))).toEqual(second)
  expect(await listUnfinalAttempts(db, ACCOUNT)).toEqual([first, second])
  await expect(storeAttempt(db, attempt({ nonce: 6 }))).rejects.toThrow() // it can't be: its bytes name the nonce
})

test('the block of the first broadcast stays', async () => {
  const key = await storeAttempt(db, attempt())
  await markBroadcast(db, key, { sentAtBlock: 11, answer: 'accepted' })
  await markBroadcast(db, key, { sentAtBlock: 14, answer: 'accepted' })
  expect(await listUnfinalAttempts(db, ACCOUNT)).toMatchObject([{ sentAtBlock: 11, broadcastAt: expect.any(String) }])
})

test('what nodes said last stays, until they say something else', async () => {
  const key = await storeAttempt(db, attempt())
  for (const [answer, kept] of [
    ['unanswered', 'unanswered'],
    ['underpriced', 'underpriced'],
    ['unanswered', 'underpriced'],
    ['accepted', 'accepted'],
  ] as const) {
    await markBroadcast(db, key, { sentAtBlock: 11, answer })
    expect(await listUnfinalAttempts(db, ACCOUNT)).toMatchObject([{ answer: kept }])
  }
})

test('a nonce has one mined attempt, which a reorg can take back or change', async () => {
  const first = await storeAttempt(db, attempt())
  const second = await storeAttempt(db, attempt({ attempt: 1, txHash: hash(2) }))
  const inclusions = async () => (await listUnfinalAttempts(db, ACCOUNT)).map((a) => a.inclusion)
  await markMined(db, first, INCLUSION)
  expect(await inclusions()).toEqual([INCLUSION, null])
  await markMined(db, second, { ...INCLUSION, minedBlock: 13 })
  expect(await inclusions()).toEqual([null, { ...INCLUSION, minedBlock: 13 }])
  await unmarkMined(db, first) // it says nothing about the other one
  expect(await inclusions()).toEqual([null, { ...INCLUSION, minedBlock: 13 }])
  await unmarkMined(db, second)
  expect(await inclusions()).toEqual([null, null])
})

test('a settled nonce is final: the mined attempt stays, the others are replaced, nothing changes them', async () => {
  const first = await storeAttempt(db, attempt())
  const second = await storeAttempt(db, attempt({ attempt: 1, txHash: hash(2) }))
  const later = await storeAttempt(db, attempt({ nonce: 6, txHash: hash(3), purpose: null }))
  await markMined(db, second, INCLUSION)
  await settleNonce(db, first)
  expect(await listUnfinalAttempts(db, ACCOUNT)).toEqual([later])
  await markMined(db, first, INCLUSION)
  await unmarkMined(db, first)
  expect(await listSequenceAttempts(db, { rollup: 'payments', from: 1, to: 3 })).toMatchObject([
    { isFinal: true, isReplaced: true, inclusion: null },
    { isFinal: true, isReplaced: false, inclusion: INCLUSION },
  ])
})

test('a settled nonce that a reorg takes back is open again, and those below it are not', async () => {
  const below = await storeAttempt(db, attempt())
  const replaced = await storeAttempt(db, attempt({ nonce: 6, txHash: hash(2) }))
  const mined = await storeAttempt(db, attempt({ nonce: 6, attempt: 1, txHash: hash(3) }))
  for (const one of [below, mined]) {
    await markMined(db, one, INCLUSION)
    await settleNonce(db, one)
  }
  expect(await reopenNonces(db, { ...ACCOUNT, nonce: 7 })).toBe(false)
  expect(await reopenNonces(db, { ...ACCOUNT, nonce: 6 })).toBe(true)
  expect(await listUnfinalAttempts(db, ACCOUNT)).toEqual([replaced, { ...mined, inclusion: INCLUSION }])
})

test('accounts are told apart by chain and address, not by checksum case', async () => {
  await storeAttempt(db, attempt({ account: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' }))
  await storeAttempt(db, attempt({ chainId: 1, nonce: 9, txHash: hash(2) }))
  const nonces = async (chainId: number) =>
    (await listUnfinalAttempts(db, { chainId, account: MINER })).map(({ nonce }) => nonce)
  expect(await Promise.all([31337, 1, 2].map(nonces))).toEqual([[5], [9], []])
})

test('a purpose is whole or absent', async () => {
  await storeAttempt(db, attempt())
  const half = db.execute(sql`update zkpow.attempts set step = null`)
  await expect(half.catch((error) => Promise.reject(error.cause))).rejects.toMatchObject({
    constraint_name: 'attempts_purpose_whole',
  })
})
