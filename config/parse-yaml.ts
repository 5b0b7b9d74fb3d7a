import { type Document, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml'
import { ConfigFileError } from './errors.ts'

/**
 * A number as everybody reads it: YAML knows others (`0o17`, `.inf`, and before 1.2 `017`), and each is more likely a
 * slip.
 */
const PLAIN_NUMBER = /^[-+]?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i

/**
 * Gives the values of a YAML file. Keys are names and stay as they are written, where YAML would make `1e3` a number;
 * so do values that are no plain numbers, and the schema says what is expected instead.
 * @throws ConfigFileError that names the place, and quotes nothing, because it may hold a secret.
 */
export function parseYaml(file: string, source: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, {
    lineCounter,
    prettyErrors: false, // they quote the source
    // An address without quotes would become a rounded number.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.format !== 'HEX'),
  })
  // A tag that nobody knows is a warning, and its value something else than meant.
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0])
    throw new ConfigFileError({ file, what: `is not valid YAML at line ${line}, column ${col} (${problem.code})` })
  }
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key)) keepAsWritten(key)
    },
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'number' && !PLAIN_NUMBER.test(scalar.source ?? '')) keepAsWritten(scalar)
    },
  })
  return toValues(file, document)
}

function keepAsWritten(scalar: Scalar): void {
  if (typeof scalar.value !== 'string') scalar.value = scalar.source ?? ''
}

/** @throws ConfigFileError for references to nothing, or to more than anybody would write. */
function toValues(file: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new ConfigFileError({
      file,
      what: 'has references (`*name`) that lead nowhere or grow without bounds',
      cause,
    })
  }
}
