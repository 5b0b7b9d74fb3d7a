import type { ErrorClass } from './find-classes.ts'

/** Where an operator meets errors: the second word of their codes, and a section of docs/errors.md. */
export interface Place {
  word: string
  title: string
}

/** Places in the order in which somebody who sets up a miner meets them. */
const PLACES: readonly Place[] = [
  { word: 'CLI', title: 'The command line' },
  { word: 'CONFIG', title: 'The configuration' },
  { word: 'DB', title: 'Postgres' },
  { word: 'ARCHIVE', title: 'The archive of final proofs' },
  { word: 'TEMPORAL', title: 'Temporal' },
  { word: 'CHAIN', title: 'Base chains: endpoints and contracts' },
  { word: 'TX', title: 'Transactions' },
  { word: 'SEQUENCE', title: 'Posted sequences' },
  { word: 'PROOF', title: 'Proofs of a sequence' },
  { word: 'PROVER', title: 'Prover machines' },
]

/** Places that come after those of kinds and backends, for they are met in development alone. */
const OF_DEVELOPMENT: readonly Place[] = [
  { word: 'CONTRACTS', title: 'Compiling and deploying contracts' },
  { word: 'SETUP', title: 'Set-up' },
  { word: 'STACK', title: 'Embedded servers' },
  { word: 'DEMO', title: 'The demo' },
  { word: 'BENCH', title: 'Benchmarks' },
]

/** A kind's and a backend's are its own, so that adding one is one folder. */
const FOLDERS = { kinds: 'The rollup kind', provers: 'The prover backend' } as const

/** Tells where the class's errors are met; for a code whose second word is no place, null. */
export function placeOf({ file, entry }: ErrorClass): Place | null {
  const [, parent, folder] = /^(kinds|provers)\/([^/]+)\//.exec(file) ?? []
  if (folder !== undefined)
    return { word: folder.toUpperCase(), title: `${FOLDERS[parent as keyof typeof FOLDERS]} \`${folder}\`` }
  return [...PLACES, ...OF_DEVELOPMENT].find(({ word }) => entry.code.startsWith(`ZKPOW-${word}-`)) ?? null
}

/**
 * Lists all places of these classes, in the order of the document: those of kinds and backends in that of their files.
 */
export function placesOf(classes: readonly ErrorClass[]): Place[] {
  const found = new Map(classes.flatMap((one) => placeOf(one) ?? []).map((place) => [place.title, place]))
  const known = [...PLACES, ...OF_DEVELOPMENT].map(({ title }) => title)
  const own = [...found.values()].filter(({ title }) => !known.includes(title))
  return [...PLACES, ...own, ...OF_DEVELOPMENT].filter(({ title }) => found.has(title))
}
