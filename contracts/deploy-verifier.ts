import type { Address } from 'viem'
import type { Artifacts } from './compile.ts'
import { type DeployClients, deployContract, findArtifact, type LinkedLibraries } from './deploy-contract.ts'

/** Which verifier to put behind the adapter, and the SRS its verification key was made with. */
export type HonkVerifierParams = { contractName?: string; srsName: string; isDevelopmentSrs: boolean }

/**
 * Deploys a generated Honk verifier with its libraries, and the adapter over it.
 * The adapter refuses a development SRS on any chain but a development chain.
 * @returns The adapter's address: what a rollup is deployed with.
 */
export async function deployHonkVerifier(clients: DeployClients, artifacts: Artifacts, p: HonkVerifierParams): Promise<Address> {
  const generated = findArtifact(artifacts, p.contractName ?? 'HonkVerifier')
  const libraries: LinkedLibraries = {}
  for (const { name } of generated.libraries) libraries[name] = (await deployContract(clients, findArtifact(artifacts, name))).address
  const verifier = await deployContract(clients, generated, { libraries })
  const args = [verifier.address, p.srsName, p.isDevelopmentSrs]
  return (await deployContract(clients, findArtifact(artifacts, 'HonkVerifierAdapter'), { args })).address
}

/** Deploys the SIMULATED verifier, which proves nothing. For tests of contracts and of load, on development chains. */
export async function deploySimulatedVerifier(clients: DeployClients, artifacts: Artifacts): Promise<Address> {
  return (await deployContract(clients, findArtifact(artifacts, 'SimulatedVerifier'))).address
}
