import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ConfigSecretError } from '../errors.ts'
import { Secret } from './secret.ts'

/** The environment that secrets are taken from. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Gives a variable's value. Names such as `constructor` are in no environment, but in every object. */
export const variableOf = (env: Environment, variable: string): string | undefined =>
  Object.hasOwn(env, variable) ? env[variable] : undefined

/** Where a configuration comes from: its file, and the environment that it names variables of. */
export interface ConfigSource {
  file: string
  env: Environment
}

/** Makes a path in the file absolute; relative ones start at the file's folder. */
export const resolvePath = ({ file }: ConfigSource, path: string): string => resolve(dirname(file), path)

/** What a secret must look like, and how that is described: its value is never shown. */
export interface SecretForm {
  expected: string
  isValid: (value: string) => boolean
}

/** For secrets whose form is nobody's business. */
const ANY_SECRET: SecretForm = { expected: 'a value', isValid: (value) => value !== '' }

/**
 * @param path keys of the value that names the variable, for the message. @throws ConfigSecretError when it is missing
 * or has another form.
 */
export function secretFromEnv({ file, env }: ConfigSource, path: string, variable: string, form = ANY_SECRET): Secret {
  const value = variableOf(env, variable)
  if (value !== undefined && form.isValid(value)) return new Secret(value)
  throw new ConfigSecretError({
    file,
    path,
    what: `expected ${form.expected} in the environment variable ${variable}, got ${value ? 'something else (not shown)' : value === undefined ? 'nothing' : 'an empty one'}`,
    remedy: `set ${variable} in the environment of this process.`,
  })
}

/**
 * Reads the text of a file that holds one secret, without the line's end. @throws ConfigSecretError when it can't be
 * read or has another form.
 */
export async function secretFromFile(
  source: ConfigSource,
  path: string,
  secretFile: string,
  form: SecretForm,
): Promise<Secret> {
  const found = await readFile(resolvePath(source, secretFile), 'utf8').then(
    (value) => ({ value: value.trim(), cause: undefined }),
    (cause: unknown) => ({ value: '', cause }),
  )
  if (form.isValid(found.value)) return new Secret(found.value)
  throw new ConfigSecretError({
    file: source.file,
    path,
    what: `expected a readable file with ${form.expected} in it, got none at ${resolvePath(source, secretFile)}`,
    remedy: 'correct the path, or let this user read the file.',
    cause: found.cause,
  })
}
