import { FatalError } from '../protocol/base/errors.ts'

/** One thing that is wrong with a configuration file. It never holds a secret's value. */
export interface ConfigProblem {
  /** Keys from the top of the file, dotted: `rollups.payments.contract`. */
  path: string
  /** `expected …, got …`. */
  what: string
}

export class ConfigFileError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-FILE',
    happened: "The configuration file is missing, can't be read or is not YAML.",
    remedy: 'name the file with --config or ZKPOW_CONFIG; zkpow.example.yaml is a complete example to start from.',
  }
  override readonly name = 'ConfigFileError'

  constructor(p: { file: string; what: string; cause?: unknown }) {
    super(`Configuration file ${p.file} ${p.what}.`, {
      cause: p.cause,
    })
  }
}

export class ConfigInvalidError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-INVALID',
    happened: "The configuration file has values that can't be meant. All of them are listed, one a line.",
    remedy: 'correct these lines; zkpow.example.yaml explains every key.',
  }
  override readonly name = 'ConfigInvalidError'
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, what }) => `${file}: ${path === '' ? 'the file' : path}: ${what}.`)
    super(lines.join('\n'))
    this.problems = problems
  }
}

export class ConfigSecretError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-SECRET',
    happened:
      "A secret that the configuration points to isn't there or can't be used. The message names the place, never the value.",
    remedy: 'correct the environment variable or the file that is named.',
  }
  override readonly name = 'ConfigSecretError'

  constructor(p: { file: string; path: string; what: string; remedy: string; cause?: unknown }) {
    super(`${p.file}: ${p.path}: ${p.what}.`, { remedy: p.remedy, cause: p.cause })
  }
}

export class TlsFileError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-TLS',
    happened: "A certificate or key that the connection to Temporal needs can't be read.",
    remedy: 'correct the path, or let this user read the file.',
  }
  override readonly name = 'TlsFileError'

  constructor(file: string, cause: unknown) {
    super(`File ${file}, which temporal.tls names, can't be read.`, {
      cause,
    })
  }
}
