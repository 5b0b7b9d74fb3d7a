import fc from 'fast-check'
import { encodeFunctionData, parseAbi } from 'viem'
import { size } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { BatchLengthError } from '../../../kinds/payments/errors.ts'
import { genesisOf } from '../../../kinds/payments/genesis.ts'
import { payments as kind } from '../../../kinds/payments/kind.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { decodeTransfer, EMPTY_SLOT, encodeBatchData, encodeTransfer } from '../../../kinds/payments/transfer.ts'
import { SequenceCalldataError } from '../../../kinds/sequence-of-2023.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import type { PostedBatch } from '../../../protocol/proof/rollup-kind.ts'
import { joinStatements } from '../../../protocol/proof/statement.ts'

const IDS = { chainId: '18446744073709551615', forkId: '4' }
const KEYS = [word(11n), word(22n)]
const accounts = KEYS.map((key) => ({ ...accountKey(key), balance: 500n }))
const { stateRoot: root } = genesisOf(accounts)

describe('a sequence', () => {
  const abi = parseAbi([
    'struct Batch { bytes transactions; bytes32 globalExitRoot; uint64 timestamp; uint64 minForcedTimestamp; }',
    'function sequenceBatches(Batch[] batches, address l2Coinbase)',
  ])
  const coinbase = '0x00000000000000000000000000000000000000C0'
  const posted = [1n, 2n].map(
    (timestamp) => ({ transactions: '0xabcd', globalExitRoot: word(timestamp), timestamp }) as const,
  )
  const calldata = encodeFunctionData({
    abi,
    functionName: 'sequenceBatches',
    args: [posted.map((batch) => ({ ...batch, minForcedTimestamp: 0n })), coinbase],
  })

  test('is decoded from the 2023 contracts’ call', () => {
    expect(calldata.slice(0, 10)).toBe('0x5e9145c9')
    expect(kind.decodeSequence(calldata)).toEqual(posted.map((batch) => ({ ...batch, coinbase })))
  })

  test.each<{ what: string; bytes: Hex }>([
    { what: 'nothing', bytes: '0x' },
    { what: 'another function', bytes: `0x12345678${calldata.slice(10)}` },
    { what: 'a cut call', bytes: calldata.slice(0, -66) as Hex },
  ])('is refused if it is $what', ({ bytes }) =>
    expect(() => kind.decodeSequence(bytes)).toThrow(SequenceCalldataError),
  )
})

describe('a batch', () => {
  test('is executed from a stored state, onto which the next one follows', async () => {
    const genesis = kind.genesis(genesisOf(accounts))
    const first = await kind.executeBatch(genesis, await batchOf(0, 1, 500n, 0n), IDS)
    const second = await kind.executeBatch(first.after, await batchOf(1, 0, 1000n, 0n), IDS)

    expect(genesis).toMatchObject({ batchNum: 0, stateRoot: root, accInputHash: word(0n) })
    expect(second.after).toMatchObject({ batchNum: 2, stateRoot: second.statement.newStateRoot })
    expect(joinStatements([first.statement, second.statement])).toMatchObject({
      ...IDS,
      oldBatchNum: 0,
      newBatchNum: 2,
      oldStateRoot: root,
    })
    expect(first.statement.newStateRoot).not.toBe(root)
    expect(second.after.accInputHash).toBe(
      kind.chainAccInputHash(first.after.accInputHash, await batchOf(1, 0, 1000n, 0n)),
    )
  })

  test('has one input, whoever executes it', async () => {
    const genesis = kind.genesis(genesisOf(accounts))
    const [once, again] = await Promise.all(
      [0, 1].map(async () => kind.executeBatch(genesis, await batchOf(0, 1, 1n, 0n), IDS)),
    )
    expect(once).toEqual(again)
  })

  test.each([0, 351, 353, 704])('of %i bytes is refused', async (bytes) => {
    const genesis = kind.genesis(genesisOf(accounts))
    const batch = { ...(await batchOf(0, 1, 1n, 0n)), transactions: `0x${'00'.repeat(bytes)}` as Hex }
    await expect(kind.executeBatch(genesis, batch, IDS)).rejects.toThrow(BatchLengthError)
  })
})

test('the final input names the miner', () => {
  const miner = '0x00000000000000000000000000000000000000aa'
  expect(new TextDecoder().decode(kind.finalInput({ miner }))).toBe(`{"miner":"${miner}"}`)
})

describe('a transfer', () => {
  test('encodeTransfer(decodeTransfer(bytes)) ≡ bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 88, maxLength: 88 }), (bytes) => {
        const slot: Hex = `0x${Buffer.from(bytes).toString('hex')}`
        expect(encodeTransfer(decodeTransfer(slot))).toBe(slot)
      }),
    )
  })

  test('leaves the slots that a batch does not need empty', () => {
    const data = encodeBatchData([`0x${'01'.repeat(88)}`])
    expect(size(data)).toBe(352)
    expect(data.endsWith(EMPTY_SLOT.slice(2).repeat(3))).toBe(true)
    expect(() => encodeBatchData(Array.from({ length: 5 }, () => EMPTY_SLOT))).toThrow(RangeError)
  })
})

async function batchOf(from: number, to: number, amount: bigint, nonce: bigint): Promise<PostedBatch> {
  const body = { from, to, amount, nonce }
  const transfer = await signTransfer({ privateKey: KEYS[from] ?? '0x', chainId: BigInt(IDS.chainId), body })
  return {
    transactions: encodeBatchData([transfer]),
    globalExitRoot: word(3n),
    timestamp: 5n,
    coinbase: `0x${'c0'.repeat(20)}`,
  }
}
