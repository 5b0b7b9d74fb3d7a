/**
 * Bytes and hashes that deployed circuits and contracts read. The circuit tests show that these functions and the
 * circuits agree; these, that neither moves.
 */
import { keccak256, sha256 } from 'viem/utils'
import { expect, test } from 'vitest'
import { accountLeaf, NO_ACCOUNT } from '../../../kinds/payments/account.ts'
import { stateRoot, treeOf } from '../../../kinds/payments/account-tree.ts'
import { encodeGenesis } from '../../../kinds/payments/genesis.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { toSnapshot } from '../../../kinds/payments/snapshot.ts'
import { transferMessage } from '../../../kinds/payments/transfer.ts'
import { chainAccInputHash, GENESIS_ACC_INPUT_HASH } from '../../../kinds/sequence-of-2023.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'

// The key of private key 1 is the curve's generator (SEC 2, 2.4.1).
const PRIVATE_KEY: Hex = `0x${'1'.padStart(64, '0')}`
const GENERATOR = {
  keyX: '0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  keyY: '0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
} as const
const account = { ...GENERATOR, balance: 0x0102030405060708n, nonce: 9n }
const body = { from: 0x01020304, to: 0x05060708, amount: 0x1112131415161718n, nonce: 0x2122232425262728n }

test('an account key is the public key without its prefix', () => {
  expect(accountKey(PRIVATE_KEY)).toEqual(GENERATOR)
})

test('a leaf is the hash of key limbs, balance and nonce; no account is 0', () => {
  expect(accountLeaf(account)).toMatchInlineSnapshot(
    `836470437204942043594818153148647356123469787530605984831406530894354188857n`,
  )
  expect(accountLeaf(NO_ACCOUNT)).toBe(0n)
})

test('roots of the empty tree and of one account at either end', () => {
  expect(stateRoot(treeOf([]))).toMatchInlineSnapshot(
    `"0x14f44d672eb357739e42463497f9fdac46623af863eea4d947ca00a497dcdeb3"`,
  )
  expect(stateRoot(treeOf([[0, account]]))).toMatchInlineSnapshot(
    `"0x0df783a14ab4402860cf17dc9d828e0cab14172b33bee5fd2e5d64d6585ee512"`,
  )
  expect(stateRoot(treeOf([[65535, account]]))).toMatchInlineSnapshot(
    `"0x2176c9d15a382509b79191e13deb0c17d424a6e3b9ec6ceba2a713285ec53b64"`,
  )
})

test('what is signed is tag, chain id, from, to, amount, nonce', () => {
  const chainId = 0x3132333435363738n
  expect(transferMessage(body, chainId)).toBe(
    '0x7a6b706f772f7431' + '3132333435363738' + '01020304' + '05060708' + '1112131415161718' + '2122232425262728',
  )
})

test('a posted transfer is 88 bytes, its signature deterministic and with a low s', async () => {
  expect(await signTransfer({ privateKey: PRIVATE_KEY, chainId: 1001n, body })).toMatchInlineSnapshot(
    `"0x010203040506070811121314151617182122232425262728664dfec6542b463d1113d4cefa0410f8ae613a6683c561d091282330456a7c1c54155416d1534c7eceea474990eca0342f1d21d93d6d20a0a7e97bcbbbf2d336"`,
  )
})

test('a genesis account is 72 bytes', () => {
  expect(encodeGenesis([account])).toBe(`${GENERATOR.keyX}${GENERATOR.keyY.slice(2)}0102030405060708`)
})

test('a snapshot is a tag and 82 bytes an account', () => {
  const bytes = Buffer.from(toSnapshot(treeOf([[258, account]]))).toString('hex')
  const key = `${GENERATOR.keyX}${GENERATOR.keyY}`.replaceAll('0x', '')
  expect(bytes).toBe(`7a6b706f772f7331${'0102'}${key}${'0102030405060708'}${'0000000000000009'}`)
})

test('the accumulated hash packs old hash, data hash, exit root, timestamp and sequencer', () => {
  const batch = {
    transactions: `0x${'ab'.repeat(352)}`,
    globalExitRoot: sha256('0x01'),
    timestamp: 0x0a0b0c0d0e0f1011n,
    coinbase: `0x${'cd'.repeat(20)}`,
  } as const
  const packed = [
    GENESIS_ACC_INPUT_HASH,
    keccak256(batch.transactions),
    batch.globalExitRoot,
    '0x0a0b0c0d0e0f1011',
    batch.coinbase,
  ]
  expect(chainAccInputHash(GENESIS_ACC_INPUT_HASH, batch)).toBe(keccak256(`0x${packed.join('').replaceAll('0x', '')}`))
})
