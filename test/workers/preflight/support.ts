import type { AccountKey } from '../../../config/load.ts'
import type { OperatorConfig } from '../../../config/types.ts'
import { withOpened } from '../../../workers/opened.ts'
import { type CheckResult, runChecks } from '../../../workers/preflight/checks.ts'

/** Finds all that `zkpow check` finds. */
export const check = (config: OperatorConfig, keys: readonly AccountKey[] = []): Promise<CheckResult[]> =>
  withOpened(config, (opened) => runChecks(config, opened, () => {}, keys))

export const find = (results: CheckResult[], about: string): CheckResult | undefined =>
  results.find((result) => result.about === about)

export const resultOf = async (about: string, config: OperatorConfig): Promise<CheckResult | undefined> =>
  find(await check(config), about)
