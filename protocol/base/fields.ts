/**
 * Building blocks of the configuration file's schema. Every message is an expectation ("a whole number from 1 to 10"),
 * because what was found instead is added later, where it is known whether it may be shown.
 */
import { getAddress, isAddress } from 'viem/utils'
import { z } from 'zod'

/** Names of environment variables, as shells accept them. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Takes text of a form. @param expected how the form is described to people. */
export const text = (expected: string, form: RegExp) => z.string(expected).regex(form, expected)

/**
 * Name of a chain, account, rollup or kind: part of workflow ids, task queues and search attributes. A rollup's is the
 * fairness key of its tasks, which Temporal refuses above 64 bytes, again and again and without an end of the workflow.
 */
export const name = text('a name of at most 64 lower-case letters, digits and hyphens', /^[a-z0-9-]{1,64}$/)

/** Name of a prover, which proofs, refusals, Temporal's pollers and Postgres' sessions show. */
export const proverName = text('a name of at most 200 characters, without blanks and slashes', /^[^\s/\p{C}]{1,200}$/u)

/** Name of an environment variable. */
export const envName = text('the name of an environment variable', ENV_NAME)

/**
 * Path of a file or folder; relative ones start at the configuration file. What shells expand (`~`, `$HOME`) would make
 * a folder of that name.
 */
export const path = text('a path that is written out, without ~ or $ at its start', /^(?![~$]).*\S/)

export const integer = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`
  return z.int(expected).min(min, expected).max(max, expected)
}

/** Takes any number of batches or blocks, far below where doubles lose precision. */
export const count = (min: number) => integer(min, 1_000_000_000_000)

export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http(s) URL' })

const ADDRESS = 'a 20-byte address: 0x and 40 hex digits, with a right checksum if the case is mixed'

/** Address in checksum form. */
export const address = z
  .string(ADDRESS)
  .refine((value) => isAddress(value), ADDRESS)
  .transform((value) => getAddress(value))

/** Takes a mapping with exactly these keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `a key that exists here (${known}), got "${issue.keys.join('", "')}"`
        : `a mapping of ${known}`,
  })
}

/** Takes a mapping from names to values of one form, with at least one entry. */
export const named = <Value extends z.core.SomeType>(value: Value, what: string) =>
  z
    .record(name, value, `a mapping from names to ${what}`)
    .refine((map) => Object.keys(map).length > 0, `at least one of the ${what}`)

/** Takes exactly one of two keys. */
export const exactlyOne =
  (a: string, b: string) =>
  (value: object): boolean =>
    a in value !== b in value
