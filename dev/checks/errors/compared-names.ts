import { type ErrorClass, readCode } from './find-classes.ts'

const COMPARED = /(?<!\bname = )'(\w+Error)'/g

/** Failures of Temporal's that are made without a class of ours. */
const FAILURE_TYPE = /\btype: '(\w+Error)'/g

/**
 * Finds names of errors in `protocol/` and `workflows/` that nothing throws. Code there knows an error by its name
 * alone, so a class that gets another name is no longer recognized, and no compiler notices.
 */
export function unknownNames(root: string, classes: readonly ErrorClass[]): string[] {
  const sources = readCode(root)
  const thrown = new Set([
    ...classes.map(({ name }) => name),
    ...sources.flatMap(({ text }) => [...text.matchAll(FAILURE_TYPE)].map(([, type]) => type)),
  ])
  return sources.flatMap(({ file, text }) =>
    /^(protocol|workflows)\//.test(file)
      ? [...text.matchAll(COMPARED)].flatMap(([, name]) =>
          thrown.has(name) ? [] : [`${file}: nothing throws a ${name}; open workflows hold the name that a class had.`],
        )
      : [],
  )
}
