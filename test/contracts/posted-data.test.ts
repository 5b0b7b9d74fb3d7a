import {
  type Address,
  concatHex,
  decodeFunctionData,
  encodeFunctionData,
  getContract,
  type Hex,
  padHex,
  toFunctionSelector,
  toHex,
} from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployContract, findArtifact } from '../../contracts/tooling/deploy-contract.ts'
import { Harness, testParams } from './harness.ts'
import { sequencing } from './miner-actions.ts'
import { coinbase, nextSequence } from './sequences.ts'

/**
 * Miners read a sequence from its transaction. What they can't read would stop the rollup for ever: it must not be
 * accepted.
 */

const relay = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract Relay {
    address private immutable target;
    constructor(address rollup) { target = rollup; }
    fallback() external {
        (bool isDone, bytes memory result) = target.call(msg.data);
        if (!isDone) assembly { revert(add(result, 32), mload(result)) }
    }
}`

const word = (value: bigint): Hex => toHex(BigInt.asUintN(256, value), { size: 32 })
const selector: Hex = '0x5e9145c9'
const sender = padHex(coinbase, { size: 32 })
const data = concatHex([word(BigInt(testParams.batchBytes)), padHex('0x01', { size: 32, dir: 'right' })])
/** Makes a batch without its data: where that is counts from here. */
const batch = (dataOffset: bigint): Hex => concatHex([word(dataOffset), word(0n), word(1n), word(0n)])
const standard = concatHex([selector, word(64n), sender, word(1n), word(32n), batch(128n), data])

let chain: Harness
let snapshot: Hex
beforeAll(async () => {
  chain = await Harness.start({}, { 'Relay.sol': relay })
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

test('the standard encoding is what every encoder makes', async () => {
  const { args } = decodeFunctionData({ abi: rollupAbi, data: standard })
  expect(encodeFunctionData({ abi: rollupAbi, functionName: 'sequenceBatches', args } as never)).toBe(standard)
  expect(await post(chain.sequencer, standard)).toBe('success')
})

test.each<{ what: string; calldata: Hex }>([
  {
    what: 'data before its batch, at a negative offset: Solidity follows it, other decoders do not',
    calldata: concatHex([selector, word(128n), sender, data, word(1n), word(32n), batch(-128n)]),
  },
  {
    what: 'one batch that is listed twice, which decoders that count what they read again refuse',
    calldata: concatHex([selector, word(64n), sender, word(2n), word(64n), word(64n), batch(128n), data]),
  },
  { what: 'something after the end', calldata: concatHex([standard, '0x00']) },
  { what: 'padding that is not zero', calldata: concatHex([standard.slice(0, -2) as Hex, '0x01']) },
])('refused: $what', async ({ calldata }) => {
  expect(await post(chain.sequencer, calldata)).toBe('reverted')
  expect(await refusalOf(chain.sequencer, calldata)).toContain(toFunctionSelector('EncodingNotCanonical()'))
})

test('refused: a sequencer that is a contract, for its call is not the transaction', async () => {
  await chain.client.setAutomine(true)
  const { address } = await deployContract(chain.deployClients(), findArtifact(chain.artifacts, 'Relay'), {
    args: [chain.rollup],
  })
  await chain.client.setAutomine(false)
  await chain.send({ from: chain.owner, functionName: 'setTrustedSequencer', args: [address] })
  expect(await refusalOf(chain.stranger, standard, address)).toContain(toFunctionSelector('DataNotInTransaction()'))
  expect(await post(chain.stranger, standard, address)).toBe('reverted')
})

test('refused: a sequencer whose account has code (EIP-7702), for it might call itself first', async () => {
  await chain.client.setCode({ address: chain.sequencer, bytecode: concatHex(['0xef0100', chain.rollup]) })
  expect(await chain.act(sequencing(chain.sequencer, nextSequence(undefined, 1)))).toBe('DataNotInTransaction')
})

/** Sends a transaction with this calldata, and tells its status. */
async function post(from: Address, calldata: Hex, to = chain.rollup): Promise<string> {
  const hash = await chain.client.sendTransaction({ account: from, to, data: calldata, gas: 5_000_000n, gasPrice: 0n })
  await chain.mine(1)
  const { status } = await chain.client.getTransactionReceipt({ hash })
  expect(await view().read.lastBatchSequenced()).toBe(status === 'success' ? 1n : 0n)
  return status
}

/** Tells the words of the refusal, which hold the error's selector. */
const refusalOf = (from: Address, calldata: Hex, to = chain.rollup): Promise<string> =>
  chain.client.call({ account: from, to, data: calldata }).then(
    () => 'accepted',
    (error: Error) => error.message,
  )

const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
