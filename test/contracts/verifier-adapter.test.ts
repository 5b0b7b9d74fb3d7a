import { type Address, BaseError, createPublicClient, createWalletClient, decodeErrorResult, encodeDeployData, type Hex, http } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifierAdapterAbi } from '../../contracts/abi.ts'
import type { Artifacts } from '../../contracts/compile.ts'
import { type DeployClients, deployContract, findArtifact } from '../../contracts/deploy-contract.ts'
import { deployHonkVerifier } from '../../contracts/deploy-verifier.ts'
import { type Anvil, startAnvil } from '../support/anvil.ts'
import { compiledContracts } from '../support/compiled-contracts.ts'

/** Behaves as a generated verifier does, its linked library included: true, false, or a revert of any form. */
const generated = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
library FirstByteLib { function first(bytes calldata proof) external pure returns (uint8) { return uint8(proof[0]); } }
contract HonkVerifier {
    error SumcheckFailed();
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        uint8 kind = FirstByteLib.first(proof);
        if (kind == 1) return publicInputs.length == 1 && publicInputs[0] == bytes32(uint256(7));
        if (kind == 2) revert SumcheckFailed();
        if (kind == 3) assert(false);
        if (kind == 4) { bytes memory burnt = new bytes(gasleft()); return burnt.length > 0; }
        return false;
    }
}`
const sources = { 'HonkVerifier.sol': generated }

let artifacts: Artifacts
let anvil: Anvil
let clients: DeployClients
let adapter: Address

beforeAll(async () => {
  artifacts = compiledContracts(sources)
  anvil = await startAnvil()
  clients = await clientsOf(anvil)
  adapter = await deployHonkVerifier(clients, artifacts, { srsName: 'development-tau5', isDevelopmentSrs: true })
})
afterAll(() => anvil?.stop())

test.each<{ proof: Hex; input: bigint; answer: boolean; why: string }>([
  { proof: '0x01', input: 7n, answer: true, why: 'the verifier accepts' },
  { proof: '0x01', input: 8n, answer: false, why: 'the verifier answers false for another public input' },
  { proof: '0x00', input: 7n, answer: false, why: 'the verifier answers false' },
  { proof: '0x02', input: 7n, answer: false, why: 'the verifier reverts with its error' },
  { proof: '0x03', input: 7n, answer: false, why: 'the verifier panics' },
  { proof: '0x04', input: 7n, answer: false, why: 'the verifier runs out of gas' },
  { proof: '0x', input: 7n, answer: false, why: 'the verifier can not even read the proof' },
])('answers $answer when $why', async ({ proof, input, answer }) => {
  const call = { abi: verifierAdapterAbi, address: adapter, functionName: 'verifyProof', args: [proof, [input]] } as const
  expect(await clients.publicClient.readContract({ ...call, gas: 3_000_000n } as never)).toBe(answer)
})

test('names the reference string', async () => {
  const contract = { abi: verifierAdapterAbi, address: adapter } as const
  expect(await clients.publicClient.readContract({ ...contract, functionName: 'srsName' })).toBe('development-tau5')
  expect(await clients.publicClient.readContract({ ...contract, functionName: 'isDevelopmentSrs' })).toBe(true)
})

test('refuses an address without code', async () => {
  const args = ['0x00000000000000000000000000000000000000aa', 'x', false]
  expect(await deploymentError(clients, args)).toBe('VerifierMissing')
})

test.each([
  { chainId: 1, isDevelopmentSrs: true, answer: 'DevelopmentSrsRefused' },
  { chainId: 1, isDevelopmentSrs: false, answer: 'ok' },
  { chainId: 1337, isDevelopmentSrs: true, answer: 'ok' },
])('chain $chainId, development string $isDevelopmentSrs: $answer', async ({ chainId, isDevelopmentSrs, answer }) => {
  const other = await startAnvil(['--chain-id', String(chainId)])
  try {
    const otherClients = await clientsOf(other, chainId)
    const { address: library } = await deployContract(otherClients, findArtifact(artifacts, 'FirstByteLib'))
    const verifier = await deployContract(otherClients, findArtifact(artifacts, 'HonkVerifier'), { libraries: { FirstByteLib: library } })
    expect(await deploymentError(otherClients, [verifier.address, 'some', isDevelopmentSrs])).toBe(answer)
    if (chainId === 1) await expect(deployContract(otherClients, findArtifact(artifacts, 'SimulatedVerifier'))).rejects.toThrow()
  } finally {
    await other.stop()
  }
})

/** Name of the error that the adapter's constructor refuses `args` with, or `ok`. */
async function deploymentError({ publicClient }: DeployClients, args: readonly unknown[]): Promise<string> {
  const { abi, bytecode } = findArtifact(artifacts, 'HonkVerifierAdapter')
  try {
    await publicClient.call({ data: encodeDeployData({ abi, bytecode, args }) })
    return 'ok'
  } catch (error) {
    const reverted = error instanceof BaseError ? error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string') : undefined
    return decodeErrorResult({ abi, data: (reverted as unknown as { data: Hex }).data }).errorName
  }
}

async function clientsOf({ url }: Anvil, id: number = foundry.id): Promise<DeployClients> {
  const chain = { ...foundry, id }
  const publicClient = createPublicClient({ chain, transport: http(url), pollingInterval: 20 })
  const [account] = (await publicClient.request({ method: 'eth_accounts' } as never)) as Address[]
  if (account === undefined) throw new Error('anvil has no account')
  return {
    publicClient,
    walletClient: createWalletClient({ account: { address: account, type: 'json-rpc' }, chain, transport: http(url) }),
  }
}
