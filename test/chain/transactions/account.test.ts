import { parseTransaction } from 'viem'
import { foundry } from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { GWEI, sign } from './sending-scene.ts'

describe('a transaction', () => {
  test('is EIP-1559 with what it was told, and comes out the same again', async () => {
    const { raw } = await sign({ nonce: 7 })
    expect(raw).toBe((await sign({ nonce: 7 })).raw)
    expect(parseTransaction(raw)).toMatchObject({
      type: 'eip1559',
      chainId: foundry.id,
      nonce: 7,
      gas: 21_000n,
      maxFeePerGas: 20n * GWEI,
    })
  })
})
