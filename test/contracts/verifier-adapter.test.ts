import {
  type Address,
  BaseError,
  createPublicClient,
  createWalletClient,
  decodeErrorResult,
  encodeDeployData,
  type Hex,
  http,
} from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifierAdapterAbi } from '../../contracts/abi.ts'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import { type DeployClients, deployContract, findArtifact } from '../../contracts/tooling/deploy-contract.ts'
import { deployHonkVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { CANONICAL_SRS, DEVELOPMENT_SRS } from '../../dev/setup/srs/srs-format.ts'
import { type Anvil, startAnvil } from '../support/nodes/anvil.ts'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'

/** Behaves as a generated verifier does, its linked library and name included: true, false, or a revert of any form. */
const generated = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
library FirstByteLib { function first(bytes calldata proof) external pure returns (uint8) { return uint8(proof[0]); } }
contract HonkVerifier {
    string public constant SRS_NAME = "${DEVELOPMENT_SRS.name}";
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
/** What the adapter's constructor may find: a name, none, or no answer. */
const named = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract Named { string public SRS_NAME; constructor(string memory name) { SRS_NAME = name; } }
contract Unnamed { function verify(bytes calldata, bytes32[] calldata) external pure returns (bool) { return true; } }`
const sources = { 'HonkVerifier.sol': generated, 'Named.sol': named }

let artifacts: Artifacts
let anvil: Anvil
let clients: DeployClients
let adapter: Address

beforeAll(async () => {
  artifacts = compiledContracts(sources)
  anvil = await startAnvil()
  clients = await clientsOf(anvil)
  adapter = await deployHonkVerifier(clients, artifacts)
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
  const call = {
    abi: verifierAdapterAbi,
    address: adapter,
    functionName: 'verifyProof',
    args: [proof, [input]],
  } as const
  expect(await clients.publicClient.readContract({ ...call, gas: 3_000_000n } as never)).toBe(answer)
})

test('has the name of the reference string from the generated verifier', async () => {
  const contract = { abi: verifierAdapterAbi, address: adapter } as const
  expect(await clients.publicClient.readContract({ ...contract, functionName: 'srsName' })).toBe(DEVELOPMENT_SRS.name)
  expect(await clients.publicClient.readContract({ ...contract, functionName: 'isDevelopmentSrs' })).toBe(true)
})

test('has no other way to be told a name', () => {
  const { abi } = findArtifact(artifacts, 'HonkVerifierAdapter')
  expect(abi.find(({ type }) => type === 'constructor')).toMatchObject({ inputs: [{ type: 'address' }] })
})

test('refuses an address without code, and a verifier without a name', async () => {
  expect(await deploymentError(clients, ['0x00000000000000000000000000000000000000aa'])).toBe('SrsUnnamed')
  const unnamed = await deployContract(clients, findArtifact(artifacts, 'Unnamed'))
  expect(await deploymentError(clients, [unnamed.address])).toBe('SrsUnnamed')
})

describe.each([
  { chainId: 1, isDevelopmentChain: false },
  { chainId: 11155111, isDevelopmentChain: false },
  { chainId: 1337, isDevelopmentChain: true },
])('on chain $chainId', ({ chainId, isDevelopmentChain }) => {
  let other: Anvil
  let otherClients: DeployClients
  beforeAll(async () => {
    other = await startAnvil(['--chain-id', String(chainId)])
    otherClients = await clientsOf(other, chainId)
  })
  afterAll(() => other?.stop())

  test.each([
    { name: CANONICAL_SRS.name, isCanonical: true },
    { name: DEVELOPMENT_SRS.name, isCanonical: false },
    { name: 'canonical', isCanonical: false },
    { name: `${CANONICAL_SRS.name} `, isCanonical: false },
    { name: '', isCanonical: false },
  ])('a verifier of "$name"', async ({ name, isCanonical }) => {
    const verifier = await deployContract(otherClients, findArtifact(artifacts, 'Named'), { args: [name] })
    const isAllowed = isCanonical || isDevelopmentChain
    expect(await deploymentError(otherClients, [verifier.address])).toBe(isAllowed ? 'ok' : 'SrsRefused')
    if (!isAllowed) return
    const { address } = await deployContract(otherClients, findArtifact(artifacts, 'HonkVerifierAdapter'), {
      args: [verifier.address],
    })
    const contract = { abi: verifierAdapterAbi, address } as const
    expect(await otherClients.publicClient.readContract({ ...contract, functionName: 'isDevelopmentSrs' })).toBe(
      !isCanonical,
    )
  })

  test(`a development verifier, deployed as a rollup's is, and the simulated one`, async () => {
    const deployments = [
      () => deployHonkVerifier(otherClients, artifacts),
      () => deployContract(otherClients, findArtifact(artifacts, 'SimulatedVerifier')),
    ]
    for (const deploy of deployments) {
      // They come one after the other, for they share an account's nonces.
      const [one] = await Promise.allSettled([deploy()])
      expect(one.status).toBe(isDevelopmentChain ? 'fulfilled' : 'rejected')
    }
  })
})

/** Names the error that the adapter's constructor refuses `args` with, or says `ok`. */
async function deploymentError({ publicClient }: DeployClients, args: readonly unknown[]): Promise<string> {
  const { abi, bytecode } = findArtifact(artifacts, 'HonkVerifierAdapter')
  try {
    await publicClient.call({ data: encodeDeployData({ abi, bytecode, args }) })
    return 'ok'
  } catch (error) {
    const reverted =
      error instanceof BaseError
        ? error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string')
        : undefined
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
