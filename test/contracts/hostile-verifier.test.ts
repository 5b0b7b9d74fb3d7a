import { type Address, getContract, type Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployRollup } from '../../contracts/tooling/deploy.ts'
import { deployContract, findArtifact } from '../../contracts/tooling/deploy-contract.ts'
import { deployHonkVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { Harness, testParams } from './harness.ts'
import { committing, proving, sequencing, staking } from './miner-actions.ts'
import { nextSequence, proofOf } from './sequences.ts'

/** Answers rightly to proofs of the simulated kind, but only after burning two million gas, as a real verifier does. */
const slowVerifier = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract HonkVerifier {
    string public constant SRS_NAME = "test";
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        bytes32 hash;
        for (uint256 left = gasleft(); left - gasleft() < 2_000_000;) hash = keccak256(abi.encode(hash));
        return hash != 0 && bytes32(proof[:32]) == publicInputs[0];
    }
}`

/** What a hostile verifier might try instead of answering, by the last byte of the proof. */
const hostileVerifier = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract HostileVerifier {
    fallback() external {
        uint8 kind = uint8(msg.data[99 + uint256(bytes32(msg.data[68:100]))]);
        if (kind == 1) changeState(msg.sender);
        if (kind == 2) assembly { return(0, 31) }
        if (kind == 3) assembly { mstore(0, 2) return(0, 32) }
        if (kind == 4) assembly { invalid() }
        if (kind == 5) assembly { revert(0, 1000000) }
        assembly { mstore(0, 1) return(0, 32) }
    }
    function changeState(address rollup) private {
        (bool isDone,) = rollup.call(abi.encodeWithSignature("fundRewards()"));
        require(isDone, "the call is static");
    }
}`

const sequence = nextSequence(undefined, 1)
let chain: Harness
let alice: Address
let snapshot: Hex
beforeAll(async () => {
  chain = await Harness.start({}, { 'HonkVerifier.sol': slowVerifier, 'HostileVerifier.sol': hostileVerifier })
  alice = chain.account(4)
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

test('a valid proof that got too little gas is refused whole: no penalty, and the same bytes prove with more', async () => {
  await rollupOver(() => deployHonkVerifier(chain.deployClients(), chain.artifacts))
  await commitAndWait()
  const before = await view().read.accounting()
  const starved = await attempt(1_000_000n)
  expect(starved).toBe('reverted')
  expect(await view().read.accounting()).toEqual(before)
  expect((await view().read.getCommitment([1n, alice])).isProved).toBe(false)
  expect(await chain.act(proving(alice, sequence))).toBe('ok')
  expect(await view().read.lockedOf([alice])).toBe(0n)
})

test.each([
  { kind: 1, what: 'changes state' },
  { kind: 2, what: 'answers with too few bytes' },
  { kind: 3, what: 'answers with no truth value' },
  { kind: 4, what: 'burns all gas' },
  { kind: 5, what: 'reverts with a megabyte' },
])('a verifier that $what moves nothing, and the next proof is accepted', async ({ kind }) => {
  await rollupOver(
    async () => (await deployContract(chain.deployClients(), findArtifact(chain.artifacts, 'HostileVerifier'))).address,
  )
  const [good, evil] = [proofOf(sequence, alice, 0), proofOf(sequence, chain.account(5), kind)]
  await chain.enqueue(staking(chain.account(5), 10_000n))
  await chain.mine(1)
  await chain.enqueue(committing(chain.account(5), sequence, evil))
  await commitAndWait()
  expect(await attempt(5_000_000n, chain.account(5), evil)).toBe('reverted')
  expect(await view().read.lastVerifiedBatch()).toBe(0n)
  expect(await attempt(5_000_000n, alice, good)).toBe('success')
  expect(await view().read.lastVerifiedBatch()).toBe(1n)
})

/** Replaces the harness's rollup by one over the verifier that `deploy` deploys. */
async function rollupOver(deploy: () => Promise<Address>): Promise<void> {
  await chain.client.setAutomine(true)
  const people = { trustedSequencer: chain.sequencer, treasury: chain.treasury, verifier: await deploy() }
  chain.rollup = (await deployRollup(chain.deployClients(), chain.artifacts, { ...testParams, ...people })).rollup
  await chain.client.setAutomine(false)
  await chain.send(staking(alice, 10_000n))
  await chain.send(sequencing(chain.sequencer, sequence))
}

async function commitAndWait(): Promise<void> {
  await chain.send(committing(alice, sequence))
  await chain.mine(testParams.commitBlocks)
}

/** Sends a proof with this much gas, and tells its status. */
async function attempt(gas: bigint, miner = alice, proof = proofOf(sequence, miner)): Promise<string> {
  const hash = await chain.enqueue(proving(miner, sequence, proof), gas)
  await chain.mine(1)
  return (await chain.client.getTransactionReceipt({ hash })).status
}

const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
