/**
 * `npm run check:errors [-- folder]`: every class of errors has an entry with a code of its own, `docs/errors.md` says
 * what the entries say, and names of errors that workflows compare exist. `npm run docs:errors` writes that file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { conclude } from '../sources.ts'
import { unknownNames } from './compared-names.ts'
import { findClasses } from './find-classes.ts'
import { problemsOf } from './problems.ts'
import { renderErrors } from './render.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean' } } })
const [root = fileURLToPath(new URL('../../..', import.meta.url))] = positionals
const DOCUMENT = join(root, 'docs/errors.md')

const found = await findClasses(root)
const problems = [...found.problems, ...problemsOf(found.classes), ...unknownNames(root, found.classes)]
if (found.classes.length === 0) problems.push(`no class of errors is found in ${root}`)
const text = renderErrors(found.classes)
if (values.write && problems.length === 0) writeFileSync(DOCUMENT, text)
else if (readFileSync(DOCUMENT, 'utf8') !== text)
  problems.push('docs/errors.md: it says other things than the entries of the classes; run `npm run docs:errors`.')
conclude(problems, `${found.classes.length} classes of errors are in docs/errors.md.`)
