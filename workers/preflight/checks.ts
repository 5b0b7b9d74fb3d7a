import type { Chain } from '../../chain/create-chain.ts'
import { OSAKA_MOST_GAS } from '../../chain/trials/gas.ts'
import type { AccountKey } from '../../config/load.ts'
import type { ChainConfig, OperatorConfig } from '../../config/types.ts'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { finalUnknown } from '../../protocol/sequence/texts.ts'
import { describeGenesis } from '../kinds/genesis.ts'
import { kindFactory } from '../kinds/kinds.ts'
import type { Opened } from '../opened.ts'
import { checkAccount } from './check-account.ts'
import { checkDatabase } from './check-database.ts'
import { checkKind } from './check-kind.ts'
import { checkCommit, checkContract, type Warning } from './check-rollup.ts'
import { checkTemporal } from './check-temporal.ts'

/** What a check found. */
export interface CheckResult {
  /**
   * `database`, `temporal`, `account <name>`, `kind <name>`, `chain <name>`, `rollup <name>`, `genesis of rollup
   * <name>`, `commits of rollup <name>`.
   */
  about: string
  /** `warning`: work goes on, but new commits don't, or some endpoints are left out. */
  status: 'ok' | 'warning' | 'failed'
  /** What was found, or what to do about it. */
  text: string
  error: FatalError | RetryableError | null
}

type Report = (result: CheckResult) => void

/**
 * Looks at everything that a configuration points to: database, Temporal, circuits and keys, chains, contracts, stake
 * and balance. It changes nothing.
 * @param opened gets asked for each of them, and keeps it for who works with it then.
 * @param report gets each result as soon as it is known.
 * @param keys of accounts that are to be opened, too.
 * @returns all results. Throws bugs only.
 */
export async function runChecks(
  config: OperatorConfig,
  opened: Opened,
  report: Report = () => {},
  keys: readonly AccountKey[] = [],
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  const note: Report = (result) => {
    results.push(result)
    report(result)
  }
  const kinds = [...new Set(config.rollups.map(({ kind }) => kind))]
  await Promise.all([
    check(note, 'database', () => checkDatabase(opened.database(), config.database)),
    check(note, 'temporal', async () => {
      await checkTemporal(await opened.temporal(), config.temporal)
      return `namespace "${config.temporal.namespace}" at ${config.temporal.address}, with all search attributes`
    }),
    ...keys.map((key) => check(note, `account ${key.name}`, () => checkAccount(key))),
    ...kinds.map((kind) => check(note, `kind ${kind}`, () => checkKind(opened, config, kind))),
    ...config.chains.map((chain) => checkChain(opened.chain(chain), { config, chainConfig: chain, note })),
  ])
  return results
}

/**
 * Finds the error because of which an aggregator can't start: what somebody must correct, or a store that is away. A
 * chain that is away is none: the others go on, and it comes back.
 */
export function startBlocker(results: readonly CheckResult[]): FatalError | RetryableError | undefined {
  const fatal = results.find(({ error }) => error instanceof FatalError)
  const away = results.find(
    ({ about, status }) => status === 'failed' && (about === 'database' || about === 'temporal'),
  )
  return (fatal ?? away)?.error ?? undefined
}

/** Checks a chain, and its rollups if its endpoints are those of this chain. */
async function checkChain(
  chain: Chain,
  { config, chainConfig, note }: { config: OperatorConfig; chainConfig: ChainConfig; note: Report },
): Promise<void> {
  const isRight = await check(note, `chain ${chainConfig.name}`, () => describeChain(chain, chainConfig))
  if (!isRight) return
  const rollups = config.rollups.filter((rollup) => rollup.chain.name === chainConfig.name)
  await Promise.all(
    rollups.map(async (rollup) => {
      if (!(await check(note, `rollup ${rollup.name}`, () => checkContract(chain, rollup)))) return
      await check(note, `genesis of rollup ${rollup.name}`, () =>
        describeGenesis(chain, rollup, kindFactory(rollup.kind)),
      )
      const about = `commits of rollup ${rollup.name}`
      await check(note, about, () => checkCommit(chain, rollup, rollups))
    }),
  )
}

async function describeChain(chain: Chain, { rpcUrls, agreement, maxGas }: ChainConfig): Promise<string | Warning> {
  await chain.preflight()
  const { head, final } = await chain.agreedBlocks()
  const numbers = `head ${head.number}, final ${final?.number ?? 'unknown'}`
  const found = `chain ${chain.chainId}, ${numbers}, ${agreement} of ${rpcUrls.length} endpoints must agree`
  const troubles = chain.troubles()
  const warnings = [
    ...(final === null
      ? [`${finalUnknown({ head: head.number, final: null })}; until then nothing ends and nothing is claimed`]
      : []),
    ...(maxGas > OSAKA_MOST_GAS ? [aboveOsaka(maxGas, await chain.mostGas(head))] : []),
    ...(troubles.length === 0 ? [] : [`not believed: ${troubles.join('; ')}`]),
  ]
  return warnings.length === 0 ? found : { warning: [found, ...warnings].join('; ') }
}

function aboveOsaka(maxGas: bigint, mostGas: bigint): string {
  const effect = mostGas <= OSAKA_MOST_GAS ? `; here it has ${mostGas} at most` : ', unless this chain has other rules'
  return `maxGas is ${maxGas}, and nodes take no transaction with more than ${OSAKA_MOST_GAS} (EIP-7825)${effect}`
}

/** @returns whether what depends on this check can be looked at. */
async function check(note: Report, about: string, look: () => Promise<string | Warning>): Promise<boolean> {
  try {
    const found = await look()
    if (typeof found === 'string') note({ about, status: 'ok', text: found, error: null })
    else note({ about, status: 'warning', text: found.warning, error: null })
    return true
  } catch (error) {
    if (!(error instanceof FatalError) && !(error instanceof RetryableError)) throw error
    note({ about, status: 'failed', text: error.describe(), error })
    return false
  }
}
