import { type Address, encodeFunctionData, getContract, type Hex, parseAbi } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployContract, findArtifact } from '../../contracts/tooling/deploy-contract.ts'
import { type Call, Harness, testParams } from './harness.ts'
import { claiming, committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence } from './sequences.ts'

/**
 * Whoever is paid runs its own code inside the payment. There are two defences: the guard (what it calls back is
 * refused) and the order (the books it reads are already without the payment). Each is tested alone, because either
 * hides the loss of the other.
 */

/** A miner or treasury that is a contract. While it is paid it tries the calls in `tries`, and reads the books. */
const payeeSource = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
interface IBooks {
    struct Accounting { uint256 stake; uint256 locked; uint256 pool; uint256 setAside; uint256 claimable; uint256 treasury; }
    function accounting() external view returns (Accounting memory);
}
contract Payee {
    address private immutable rollup;
    bytes[] private tries;
    bytes[] private answers;
    bool private isRefusing;
    int256 public booksWithoutCoins;
    constructor(address target) { rollup = target; }
    function refuse() external { isRefusing = true; }
    function getAnswers() external view returns (bytes[] memory) { return answers; }
    function call(bytes[] calldata calls, uint256 value, bytes[] calldata whilePaid) external {
        delete tries;
        for (uint256 i = 0; i < whilePaid.length; i++) tries.push(whilePaid[i]);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool isDone, bytes memory result) = rollup.call{value: value}(calls[i]);
            if (!isDone) assembly { revert(add(result, 32), mload(result)) }
        }
    }
    receive() external payable {
        require(!isRefusing);
        IBooks.Accounting memory books = IBooks(rollup).accounting();
        uint256 sum = books.stake + books.locked + books.pool + books.setAside + books.claimable + books.treasury;
        booksWithoutCoins = int256(sum) - int256(rollup.balance);
        for (uint256 i = 0; i < tries.length; i++) {
            (bool isDone, bytes memory result) = rollup.call(tries[i]);
            answers.push(isDone ? bytes("") : result);
        }
    }
}`
const payeeAbi = parseAbi([
  'function refuse()',
  'function getAnswers() view returns (bytes[])',
  'function booksWithoutCoins() view returns (int256)',
  'function call(bytes[] calls, uint256 value, bytes[] whilePaid)',
])
const REENTERED: Hex = '0xb5dfd9e5'

const sequence = nextSequence(undefined, 1)
let chain: Harness
let snapshot: Hex
let payee: Address
let alice: Address

beforeAll(async () => {
  chain = await Harness.start({}, { 'Payee.sol': payeeSource })
  await chain.client.setAutomine(true)
  payee = (
    await deployContract(chain.deployClients(), findArtifact(chain.artifacts, 'Payee'), { args: [chain.rollup] })
  ).address
  await chain.client.setAutomine(false)
  alice = chain.account(4)
  await chain.client.setBalance({ address: payee, value: 10_000n })
  await setTheStage()
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

/** The three ways in which coins leave; each would pay the payee something. */
const payouts: Record<string, () => Call> = {
  withdraw: () => ({ from: payee, functionName: 'withdraw', args: [1_000n] }),
  claim: () => claiming(payee, [sequence]),
  withdrawTreasury: () => ({ from: payee, functionName: 'withdrawTreasury', args: [] }),
}

test.each(Object.keys(payouts))(
  '%s: no second payout inside the first, and the books are right before the coins arrive',
  async (name) => {
    await throughPayee([payouts[name]?.() as Call], allPayouts())
    expect(await payeeView().read.getAnswers()).toEqual([REENTERED, REENTERED, REENTERED])
    expect(await payeeView().read.booksWithoutCoins()).toBe(0n)
  },
)

test('one payout after the other in a transaction: the guard opens again', async () => {
  await throughPayee(allPayouts())
  expect(await view().read.accounting()).toMatchObject({ stake: 4_900n, claimable: 0n, treasury: 0n })
  expect(await chain.client.getBalance({ address: payee })).toBe(5_000n + 1_000n + 833n + 100n)
})

test('what is not paid out may be called while being paid, and harms nothing', async () => {
  await throughPayee([payouts.withdraw?.() as Call], [staking(payee, 0n), settling(payee, sequence, alice)])
  expect(await payeeView().read.getAnswers()).toEqual(['0x', '0x'])
  expect((await view().read.getCommitment([BigInt(sequence.final), alice])).isSettled).toBe(true)
})

test('a payee that refuses coins stops its own payout only, and loses nothing', async () => {
  await chain.client.sendTransaction({
    account: alice,
    to: payee,
    data: encodeFunctionData({ abi: payeeAbi, functionName: 'refuse' }),
  })
  await chain.mine(1)
  const before = await view().read.accounting()
  for (const call of allPayouts()) expect(await chain.act(call)).toBe('PayoutFailed')
  expect(await view().read.accounting()).toEqual(before)
  expect(await chain.act(settling(chain.stranger, sequence, payee))).toBe('ok')
  expect(await view().read.claimable([payee])).toBe(833n) // it has 5000 of 6000 wei of stake
  await chain.send({ from: chain.owner, functionName: 'setTreasury', args: [chain.treasury] })
  expect(await chain.act({ from: chain.stranger, functionName: 'withdrawTreasury', args: [] })).toBe('ok')
})

/**
 * Gives the payee 5000 wei of stake and a proof whose share can be claimed. It is the treasury, too, and a penalty
 * waits for it.
 */
async function setTheStage(): Promise<void> {
  const penalised = nextSequence(sequence, 1)
  await chain.enqueue({ from: chain.owner, functionName: 'fundRewards', args: [], value: 1_000n })
  await chain.enqueue({ from: chain.owner, functionName: 'setTreasury', args: [payee] })
  await chain.send(staking(alice, 1_000n))
  await chain.send(sequencing(chain.sequencer, sequence))
  await chain.send(sequencing(chain.sequencer, penalised))
  await throughPayee([staking(payee, 5_000n)])
  await throughPayee([committing(payee, sequence)])
  await chain.enqueue(committing(alice, sequence))
  await chain.send(committing(alice, penalised))
  await chain.mine(testParams.commitBlocks)
  await throughPayee([proving(payee, sequence)])
  await chain.send(proving(alice, sequence))
  await chain.mine(testParams.proveBlocks + Number(testParams.lateProofBlocks))
  await chain.send(settling(chain.stranger, penalised, alice))
}

/** Has the payee do `calls` in one transaction. While it is paid it tries the others. Throws if a call reverts. */
async function throughPayee(calls: readonly Call[], whilePaid: readonly Call[] = []): Promise<void> {
  const args = [calls.map(calldata), calls[0]?.value ?? 0n, whilePaid.map(calldata)] as const
  const data = encodeFunctionData({ abi: payeeAbi, functionName: 'call', args })
  const hash = await chain.client.sendTransaction({
    account: chain.stranger,
    to: payee,
    data,
    gas: 5_000_000n,
    gasPrice: 0n,
  })
  await chain.mine(1)
  const { status } = await chain.client.getTransactionReceipt({ hash })
  if (status !== 'success') throw new Error('The payee could not do what it was told.')
}

const allPayouts = (): Call[] => Object.values(payouts).map((call) => call())
const calldata = ({ functionName, args }: Call): Hex =>
  encodeFunctionData({ abi: rollupAbi, functionName, args } as never)
const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
const payeeView = () => getContract({ abi: payeeAbi, address: payee, client: { public: chain.client } })
