import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ErrorEntry } from '../../../protocol/base/errors.ts'
import { listSources } from '../sources.ts'

/** A class of errors, as its file and its entry describe it. */
export interface ErrorClass {
  /** Its name as Temporal shows it in histories. */
  name: string
  /** Its path from the root of the sources. */
  file: string
  entry: ErrorEntry
  isRetryable: boolean
}

/** Tests and findings make errors of their own. */
const SEARCHED = /^(?!(test|findings)\/).*\.ts$/

/** Classes that nobody outside their file ever gets to see. */
const NEVER_SEEN = ['UnusableDataError']

const DECLARED = /^[ \t]*(?:export )?class (?<name>\w+) extends (?<base>\w+)/gm

/** Reads the product, and code that is made for it. */
export const readCode = (root: string): { file: string; text: string }[] =>
  listSources(root)
    .filter((file) => SEARCHED.test(file))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** Finds the classes that the sources hold, and tells what is wrong with those that can't be listed. */
export async function findClasses(root: string): Promise<{ classes: ErrorClass[]; problems: string[] }> {
  const declared = readCode(root).flatMap(({ file, text }) =>
    [...text.matchAll(DECLARED)].flatMap(({ groups }) => (isError(groups) ? [{ file, name: `${groups?.name}` }] : [])),
  )
  const found = await Promise.all(declared.map((one) => readClass(root, one)))
  return {
    classes: found.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    problems: found.flatMap((one) => (typeof one === 'string' ? [one] : [])),
  }
}

const isError = (groups: Record<string, string> | undefined): boolean =>
  [groups?.name, groups?.base].some((name) => name?.endsWith('Error')) && !NEVER_SEEN.includes(`${groups?.name}`)

/** @returns what keeps it from being listed, in words, where something does. */
async function readClass(root: string, { file, name }: { file: string; name: string }): Promise<ErrorClass | string> {
  const load = (path: string) => import(pathToFileURL(join(root, path)).href)
  const { FatalError, RetryableError } = await load('protocol/base/errors.ts')
  const found = (await load(file))[name]
  if (found === undefined) return `${file}: ${name} isn't exported, so that nobody can read its entry; export it.`
  const isRetryable = found.prototype instanceof RetryableError
  if (!isRetryable && !(found.prototype instanceof FatalError))
    return `${file}: ${name} is neither a RetryableError nor a FatalError; say which, so that it is known what helps.`
  if (!Object.hasOwn(found, 'entry'))
    return `${file}: ${name} has no entry of its own; give it one: code, what happened, and the remedy.`
  const [, named, constant] = /\bname = (?:['"](\w+)['"]|(\w+))/.exec(String(found)) ?? []
  if (named !== name && constant === undefined)
    return `${file}: ${name} has ${named ?? 'no name'} as its name, which is what histories show; write ${name}.`
  return { name, file, entry: found.entry, isRetryable }
}
