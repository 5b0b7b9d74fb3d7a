import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Chain } from '../../chain/create-chain.ts'
import type { RollupConfig, WatchedAccount } from '../../config/types.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { FirstState, RollupState } from '../../protocol/proof/rollup-kind.ts'

export class GenesisFileError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-GENESIS-FILE',
    happened:
      "The file with a rollup's first state is missing where it is needed, can't be read, or holds another state than the contract's.",
    remedy: 'name in rollups.….genesisFile a file with the accounts that the contract was deployed with.',
  }
  override readonly name = 'GenesisFileError'
}

/** Far more than any kind's first state takes, in digits. */
const MAX_GENESIS_CHARACTERS = 100_000_000

const genesisFileSchema = z.strictObject({
  accounts: z.custom<Hex>(
    (value) => typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value) && value.length <= MAX_GENESIS_CHARACTERS,
  ),
})

/** Of which rollup the first state is asked for. */
export type GenesisQuestion = Pick<
  RollupConfig<WatchedAccount>,
  'name' | 'contract' | 'deployedAtBlock' | 'genesisFile'
>

/** Makes a first state of what a contract was given: a kind, or the thread that does it for one. */
export interface GenesisMaker {
  genesis(first: FirstState): RollupState | Promise<RollupState>
}

/**
 * Reads the first state of a rollup: from the file that the configuration names, else as the contract emitted it.
 * Either must hash to the contract's own root of batch 0.
 * @throws GenesisFileError | GenesisMissingError, and what the kind says against what the contract emitted.
 */
export async function readGenesisState(
  chain: Chain,
  rollup: GenesisQuestion,
  kind: GenesisMaker,
): Promise<RollupState> {
  const { name, contract, deployedAtBlock, genesisFile } = rollup
  if (genesisFile === null) return kind.genesis(await chain.readGenesis({ contract, deployedAtBlock }))
  const state = await readStateFile(name, genesisFile)
  const { genesisStateRoot: stateRoot } = await chain.readDeployment({ contract })
  try {
    return await kind.genesis({ stateRoot, state })
  } catch (error) {
    if (!(error instanceof FatalError)) throw error
    throw fileError(name, `${genesisFile} doesn't hold the contract's first state: ${error.message}`, error)
  }
}

/**
 * Says where the first state comes from, for people. @throws GenesisFileError also where the contract never emits it
 * and no file is named.
 */
export async function describeGenesis(chain: Chain, rollup: GenesisQuestion, kind: GenesisMaker): Promise<string> {
  const { name, contract, genesisFile } = rollup
  if (genesisFile !== null) {
    const { stateRoot } = await readGenesisState(chain, rollup, kind)
    return `from ${genesisFile}, with the contract's own state root ${stateRoot}`
  }
  // Whether the event is there would take all logs since the deployment; that a contract has none, it tells at once.
  if ((await chain.readGeneration({ contract })) === 'rounds') return 'as the contract emitted it'
  throw fileError(name, 'its contract is one of 2023, which emits no GenesisState, and no file is named')
}

async function readStateFile(rollup: string, file: string): Promise<Hex> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw fileError(rollup, `${file} can't be read`, cause)
  })
  const parsed = genesisFileSchema.safeParse(parseJson(text))
  if (!parsed.success) throw fileError(rollup, `${file} isn't JSON of the form {"accounts": "0x…"}`)
  return parsed.data.accounts
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fileError = (rollup: string, what: string, cause?: unknown): GenesisFileError =>
  new GenesisFileError(`The first state of rollup "${rollup}" isn't known: ${what}.`, {
    remedy: `name in rollups.${rollup}.genesisFile a file with the accounts that its contract was deployed with.`,
    cause,
  })
