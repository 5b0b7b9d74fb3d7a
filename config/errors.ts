import { FatalError } from '../protocol/base/errors.ts'

/** One thing that is wrong with a configuration file. Never holds a secret's value. */
export interface ConfigProblem {
  /** Keys from the top of the file, dotted: `rollups.payments.contract`. */
  path: string
  /** `expected …, got …`. */
  what: string
}

/** The configuration file is missing, unreadable or not YAML. */
export class ConfigFileError extends FatalError {
  override readonly name = 'ConfigFileError'
  readonly code = 'ZKPOW-CONFIG-FILE'

  constructor(p: { file: string; what: string; cause?: unknown }) {
    super(`Configuration file ${p.file} ${p.what}.`, {
      remedy: 'name the file with --config or ZKPOW_CONFIG; zkpow.example.yaml is a complete example to start from.',
      cause: p.cause,
    })
  }
}

/** The configuration file has values that can't be meant. Lists all of them, one a line. */
export class ConfigInvalidError extends FatalError {
  override readonly name = 'ConfigInvalidError'
  readonly code = 'ZKPOW-CONFIG-INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, what }) => `${file}: ${path === '' ? 'the file' : path}: ${what}.`)
    super(lines.join('\n'), { remedy: 'correct these lines; zkpow.example.yaml explains every key.' })
    this.problems = problems
  }
}

/** A secret that the configuration points to isn't there or can't be used. Names the place, never the value. */
export class ConfigSecretError extends FatalError {
  override readonly name = 'ConfigSecretError'
  readonly code = 'ZKPOW-CONFIG-SECRET'

  constructor(p: { file: string; path: string; what: string; remedy: string; cause?: unknown }) {
    super(`${p.file}: ${p.path}: ${p.what}.`, { remedy: p.remedy, cause: p.cause })
  }
}

/** A certificate or key that the connection to Temporal needs can't be read. */
export class TlsFileError extends FatalError {
  override readonly name = 'TlsFileError'
  readonly code = 'ZKPOW-CONFIG-TLS'

  constructor(file: string, cause: unknown) {
    super(`File ${file}, which temporal.tls names, can't be read.`, {
      remedy: 'correct the path, or let this user read the file.',
      cause,
    })
  }
}
