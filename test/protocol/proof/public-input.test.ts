/** Bytes that deployed contracts and circuits read, pinned: both ends rebuilt together always agree. */
import { createHash } from 'node:crypto'
import { hexToBytes } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { BN254_SCALAR_FIELD, inputSnark, inputSnarkBytes, proofHash } from '../../../protocol/proof/public-input.ts'

const MINER = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'

describe('proof hash', () => {
  // The hash is computed as the contracts of 2023 do (docs/protocol.md#hashes).
  const expected = '0xee5d075f6bed7ce3c20591e0b593efbc72de6c1f52ccc90ed7056dbb3563bc81'

  test('is the vector of 2023', () => expect(proofHash('0x1234', MINER)).toBe(expected))
  test('takes bytes and hex alike', () => expect(proofHash(Uint8Array.of(0x12, 0x34), MINER)).toBe(expected))
  test('takes the address in any case, as wallets write it', () =>
    expect(proofHash('0x1234', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8')).toBe(expected))
  test('names the miner', () =>
    expect(proofHash('0x1234', '0x70997970c51812dc3a010c7d01b50e0d17dc79c9')).not.toBe(expected))
})

describe('the input of the final proof', () => {
  const word = (byte: string): Hex => `0x${byte.repeat(32)}`
  const statement = {
    oldStateRoot: word('a1'),
    newStateRoot: word('a2'),
    oldAccInputHash: word('b1'),
    newAccInputHash: word('b2'),
    oldBatchNum: 0x0102,
    newBatchNum: 0x0304,
    chainId: `${0xfedc_ba98_7654_3210n}`,
    forkId: '7',
  }
  const final = { miner: MINER, statement, newLocalExitRoot: word('c1') } as const
  const bytes = hexToBytes(inputSnarkBytes(final))

  test('is 212 bytes', () => expect(bytes).toHaveLength(212))

  // The layout is that of getInputSnarkBytes (docs/protocol.md#public-input).
  test.each([
    { offset: 0, size: 20, hex: MINER.slice(2), why: 'msg.sender, unpadded' },
    { offset: 20, size: 32, hex: 'a1'.repeat(32), why: 'oldStateRoot' },
    { offset: 52, size: 32, hex: 'b1'.repeat(32), why: 'oldAccInputHash' },
    { offset: 84, size: 8, hex: '0000000000000102', why: 'initNumBatch' },
    { offset: 92, size: 8, hex: 'fedcba9876543210', why: 'chainID, all 64 bits of it' },
    { offset: 100, size: 8, hex: '0000000000000007', why: 'forkID' },
    { offset: 108, size: 32, hex: 'a2'.repeat(32), why: 'newStateRoot' },
    { offset: 140, size: 32, hex: 'b2'.repeat(32), why: 'newAccInputHash' },
    { offset: 172, size: 32, hex: 'c1'.repeat(32), why: 'newLocalExitRoot' },
    { offset: 204, size: 8, hex: '0000000000000304', why: 'finalNewBatch' },
  ])('$offset: $why', ({ offset, size, hex }) =>
    expect(Buffer.from(bytes.slice(offset, offset + size)).toString('hex')).toBe(hex),
  )

  test('is hashed with sha256 and reduced', () => {
    const digest = createHash('sha256').update(bytes).digest('hex')
    expect(inputSnark(final)).toBe(BigInt(`0x${digest}`) % BN254_SCALAR_FIELD)
  })

  // The number is pinned. Python computes it: int(sha256(bytes).hexdigest(), 16) % r.
  test('is this number', () =>
    expect(inputSnark(final)).toBe(11036180385071635028361749063252185878845149716116056646285079384882027774685n))
})
