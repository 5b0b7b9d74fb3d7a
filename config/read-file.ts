import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { ConfigFileError, ConfigInvalidError, type ConfigProblem } from './errors.ts'
import { parseYaml } from './parse-yaml.ts'

/** Below these keys a value may be a secret put in the wrong place, so it is never shown. */
const HIDDEN_PATHS = [/^accounts\b/, /\bdatabase\b/, /\brpc\b/, /^temporal\.apiKey/]

/**
 * Reads a configuration file and checks it against a schema.
 * @throws ConfigFileError when it is missing or no YAML, ConfigInvalidError with everything that is wrong in it.
 */
export async function readConfigFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const values = parseYaml(file, await readText(file))
  const result = schema.safeParse(values)
  if (result.success) return result.data
  throw new ConfigInvalidError(
    file,
    result.error.issues.map((issue) => toProblem(issue, values)),
  )
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new ConfigFileError({ file, what: isMissing ? "doesn't exist" : "can't be read", cause })
  }
}

function toProblem(issue: z.core.$ZodIssue, values: unknown): ConfigProblem {
  const path = issue.path.join('.')
  // A name that isn't one, and a key that doesn't exist, say themselves what was found.
  if (issue.code === 'invalid_key')
    return { path, what: `expected ${issue.issues[0]?.message}, got ${show(path, issue.path.at(-1))}` }
  if (issue.code === 'unrecognized_keys') return { path, what: `expected ${issue.message}` }
  return { path, what: `expected ${issue.message}, got ${show(path, valueAt(values, issue.path))}` }
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], values)
}

function show(path: string, value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (HIDDEN_PATHS.some((hidden) => hidden.test(path))) return `a ${kindOf(value)} (not shown)`
  const shown = asJson(value)
  return shown.length <= 80 ? `${shown} (${kindOf(value)})` : `a ${kindOf(value)} of ${shown.length} characters`
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return `a ${kindOf(value)} that refers to itself`
  }
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'list' : typeof value === 'object' ? 'mapping' : typeof value
