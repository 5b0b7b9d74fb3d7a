import type { Address } from 'viem'
import type { Artifacts } from './compile.ts'
import { type DeployClients, deployContract, findArtifact, type LinkedLibraries } from './deploy-contract.ts'

/**
 * Deploys a generated Honk verifier with its libraries, and the adapter over it. The adapter reads from the verifier
 * which SRS its key was made with, and refuses any but the canonical one outside development chains.
 * @returns The adapter's address: what a rollup is deployed with.
 */
export async function deployHonkVerifier(clients: DeployClients, artifacts: Artifacts): Promise<Address> {
  const generated = findArtifact(artifacts, 'HonkVerifier')
  const libraries: LinkedLibraries = {}
  for (const { name } of generated.libraries)
    libraries[name] = (await deployContract(clients, findArtifact(artifacts, name))).address
  const verifier = await deployContract(clients, generated, { libraries })
  return (await deployContract(clients, findArtifact(artifacts, 'HonkVerifierAdapter'), { args: [verifier.address] }))
    .address
}

/**
 * Deploys the SIMULATED verifier, which proves nothing. It is for tests of contracts and of load, on development
 * chains.
 */
export async function deploySimulatedVerifier(clients: DeployClients, artifacts: Artifacts): Promise<Address> {
  return (await deployContract(clients, findArtifact(artifacts, 'SimulatedVerifier'))).address
}
