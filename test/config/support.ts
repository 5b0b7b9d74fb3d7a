import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'

/** Anvil's first well-known key, and its address. */
export const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
export const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

/** Anvil's second address: that of the contract in {@link VALID}, and of no account there. */
export const OTHER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** What a process would find in its environment for {@link VALID}. */
export const ENV = {
  DATABASE: 'postgres://aggregator:database-password@db:5432/zkpow',
  PROVER_DATABASE: 'postgres://prover:prover-password@db:5432/zkpow',
  MINER_KEY: KEY,
  RPC: 'https://rpc.example.org/v3/rpc-credential',
}

/** The least that is valid. */
export const VALID = `
temporal: { address: 'temporal:7233' }
database: { urlEnv: DATABASE }
archive: { folder: archive }
chains:
  dev: { chainId: 31337, rpc: [{ env: RPC }], maxFeePerGasGwei: 0.5, account: miner }
accounts:
  miner: { privateKeyEnv: MINER_KEY }
rollups:
  payments: { chain: dev, contract: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', kind: payments }
prover: { name: machine-1, database: { urlEnv: PROVER_DATABASE } }
`

/** Writes a file in a folder of its own, which goes when the test has ended. */
export async function configFile(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'zkpow-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'zkpow.yaml')
  await writeFile(file, source)
  return file
}

/** Writes {@link VALID} with one value changed; undefined removes it. */
export async function changed(path: string, value: unknown): Promise<string> {
  const sections = parse(VALID)
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce((mapping, key) => (mapping[key] ??= {}), sections)
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return configFile(stringify(sections))
}

/** Tells everything that a failure says, its causes included. */
export function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing failed',
    (error: unknown) => inspect(error, { depth: 9 }),
  )
}
