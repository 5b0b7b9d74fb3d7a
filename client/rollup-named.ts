import type { OperatorConfig, RollupConfig, WatchedAccount } from '../config/types.ts'
import { UsageError } from './errors.ts'

/** @throws UsageError when the configuration has no rollup of that name. */
export function rollupNamed({ rollups }: OperatorConfig, name: string): RollupConfig<WatchedAccount> {
  const rollup = rollups.find((one) => one.name === name)
  if (rollup !== undefined) return rollup
  const names = rollups.map((one) => one.name).join(', ')
  throw new UsageError(`The configuration has no rollup "${name}".`, { remedy: `name one of: ${names}.` })
}
