import { ConfigInvalidError, type ConfigProblem } from './errors.ts'
import type { DeploymentFile } from './schema.ts'

/**
 * Refuses what no single section can tell: names that lead nowhere, and things that are there twice. @throws
 * ConfigInvalidError with all of it.
 */
export function assertConsistent(file: string, sections: DeploymentFile): void {
  const problems = [...unknownNames(sections), ...duplicateChains(sections), ...duplicateRollups(sections)]
  if (problems.length > 0) throw new ConfigInvalidError(file, problems)
}

/** Names the account that a rollup's transactions are sent from: its own, else its chain's. */
export const accountOfRollup = ({ chains, rollups }: DeploymentFile, rollup: string): string | undefined => {
  const section = rollups[rollup]
  const chain = section !== undefined && Object.hasOwn(chains, section.chain) ? chains[section.chain] : undefined
  return section?.account ?? chain?.account
}

function unknownNames(sections: DeploymentFile): ConfigProblem[] {
  const { chains, accounts, rollups } = sections
  const oneOf = (what: string, map: object) => `expected the name of ${what} (${Object.keys(map).join(', ')})`
  const ofChains = Object.entries(chains).flatMap(([name, { account }]) =>
    account === undefined || Object.hasOwn(accounts, account)
      ? []
      : [{ path: `chains.${name}.account`, what: `${oneOf('an account', accounts)}, got "${account}"` }],
  )
  const ofRollups = Object.entries(rollups).flatMap(([name, { chain }]) => {
    const account = accountOfRollup(sections, name)
    if (!Object.hasOwn(chains, chain))
      return [{ path: `rollups.${name}.chain`, what: `${oneOf('a chain', chains)}, got "${chain}"` }]
    if (account === undefined)
      return [
        { path: `rollups.${name}.account`, what: `${oneOf('an account', accounts)} here or at its chain, got nothing` },
      ]
    if (rollups[name]?.account === undefined || Object.hasOwn(accounts, account)) return []
    return [{ path: `rollups.${name}.account`, what: `${oneOf('an account', accounts)}, got "${account}"` }]
  })
  return [...ofChains, ...ofRollups]
}

function duplicateChains({ chains }: DeploymentFile): ConfigProblem[] {
  return repeated(Object.entries(chains), ([, { chainId }]) => `${chainId}`).map(([[name], [first, { chainId }]]) => ({
    path: `chains.${name}.chainId`,
    what: `expected an id that no other chain has, got ${chainId}, which is that of "${first}"`,
  }))
}

function duplicateRollups({ rollups }: DeploymentFile): ConfigProblem[] {
  return repeated(Object.entries(rollups), ([, { chain, contract }]) => `${chain} ${contract}`).map(
    ([[name], [first, { contract }]]) => ({
      path: `rollups.${name}.contract`,
      what: `expected a contract that no other rollup of its chain has, got ${contract}, which is that of "${first}"`,
    }),
  )
}

/** Lists every entry whose key an earlier one has, with that earlier one. */
function repeated<Entry>(entries: Entry[], keyOf: (entry: Entry) => string): [later: Entry, first: Entry][] {
  const firsts = new Map<string, Entry>()
  return entries.flatMap((entry): [Entry, Entry][] => {
    const first = firsts.get(keyOf(entry))
    if (first !== undefined) return [[entry, first]]
    firsts.set(keyOf(entry), entry)
    return []
  })
}
