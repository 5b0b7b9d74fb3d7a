import { FatalError, RetryableError } from '../protocol/base/errors.ts'
import type { Hex } from '../protocol/base/ranges.ts'
import { BLOB_MISSING } from '../protocol/proof/request.ts'

/** What a translated error says about the driver's: never its text with parameters, never a cause that has one. */
interface Failure {
  /** What we were doing, as "finding a proof". */
  doing: string
  /** Postgres' or the operating system's code. */
  driverCode: string
  /** First words of the server's message. */
  said: string
}

const tell = (what: string, { doing, driverCode, said }: Failure) => `${what} while ${doing} (${driverCode}: ${said}).`

export class DatabaseUnreachableError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-UNREACHABLE',
    happened: 'Postgres refuses connections, went away, or starts up.',
    remedy: 'start Postgres, or correct host and port of the database address in the configuration.',
  }
  override readonly name = 'DatabaseUnreachableError'
  constructor(failure: Failure) {
    super(tell('Postgres was not reachable', failure))
  }
}

/** Statement and lock time-outs, `query_canceled` and `lock_not_available`. */
const TOOK_TOO_LONG = ['57014', '55P03']

/** What the migrations say to a login with too many open uploads. */
const TOO_MUCH_OPEN = '53400'

export class DatabaseBusyError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-BUSY',
    happened:
      "Postgres has no connection, memory, lock or room for a login's uploads left for this now, or was too slow.",
    remedy:
      'wait; if it stays so, give it connections or fewer workers, or see which session holds a lock: the message says which.',
  }
  override readonly name = 'DatabaseBusyError'
  constructor(failure: Failure) {
    const isSlow = TOOK_TOO_LONG.includes(failure.driverCode)
    super(tell(isSlow ? 'A statement took too long in Postgres' : 'Postgres was too busy', failure), {
      remedy: remedyFor(failure),
    })
  }
}

function remedyFor({ driverCode }: Failure): string {
  if (TOOK_TOO_LONG.includes(driverCode)) {
    return 'wait; if it stays so, another session holds a lock (`select pid, usename, pg_blocking_pids(pid) from pg_stat_activity`) or the disk is slow.'
  }
  if (driverCode === TOO_MUCH_OPEN)
    return 'see that an aggregator runs, which accepts uploads; `zkpow check` shows what this login has open.'
  return "wait; if it stays so, raise Postgres' max_connections or start fewer workers with smaller pools."
}

export class DatabaseFullError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-FULL',
    happened: 'The disk of Postgres is full. Nothing that was stored is lost.',
    remedy: "free or add disk space on Postgres' machine; work goes on by itself then.",
  }
  override readonly name = 'DatabaseFullError'
  constructor(failure: Failure) {
    super(tell('The disk of Postgres was full', failure))
  }
}

export class DatabaseDamagedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-DAMAGED',
    happened: 'Postgres found a page or a value of its own damaged (its codes XX001, XX002).',
    remedy: 'check the disk, and restore Postgres from a backup; final proofs are read from the archive meanwhile.',
  }
  override readonly name = 'DatabaseDamagedError'
  constructor(failure: Failure) {
    super(tell('Postgres found its own data damaged', failure))
  }
}

export class DatabaseAccessError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-ACCESS',
    happened: "Postgres refuses access: user, password, database name or rights don't fit.",
    remedy:
      'check user, password and database name of the database address; the aggregator needs the owner of schema zkpow, a prover a login in role zkpow_prover.',
  }
  override readonly name = 'DatabaseAccessError'
  constructor(failure: Failure) {
    super(tell('Postgres refused access', failure))
  }
}

export class DatabaseTablesMissingError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-TABLES-MISSING',
    happened: 'Tables or columns were gone while something ran: the database was emptied, or replaced by another one.',
    remedy:
      'run `zkpow migrate` with this version of zkpow; running processes go on by themselves then, with what chain and archive still know.',
  }
  override readonly name = 'DatabaseTablesMissingError'
  constructor(failure: Failure) {
    super(tell('The database lacked a table or column', failure))
  }
}

export class DatabaseSchemaError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-SCHEMA',
    happened: "The tables aren't those that this version of zkpow needs.",
    remedy: 'run `zkpow migrate`; if a newer version has migrated the database, run that one.',
  }
  override readonly name = 'DatabaseSchemaError'
}

export class MigrationBlockedError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-MIGRATION-BLOCKED',
    happened: 'Another session keeps a lock that a migration needs.',
    remedy:
      'run it again; if it stays so, end those processes (`select pg_terminate_backend(<process>)`), and take the login from a prover that does it again (`alter role <login> nologin`).',
  }
  override readonly name = 'MigrationBlockedError'
  /** @param holders sessions as `process 17 of login "machine_1"`; none when they have ended since. */
  constructor(holders: string[]) {
    super(`The migration got no lock within 10 s; locks are held by ${holders.join(', ') || 'nobody any more'}.`)
  }
}

export class DatabaseRefusedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-REFUSED',
    happened: 'Postgres refused the statement: a broken rule of the tables, or a bug of ours.',
    remedy: 'this is a bug unless somebody changed tables or rows by hand: report it.',
  }
  override readonly name = 'DatabaseRefusedError'
  constructor(failure: Failure) {
    super(tell('Postgres refused the statement', failure))
  }
}

export class DatabaseAddressError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-ADDRESS',
    happened: "The address of the database can't be used.",
    remedy:
      'write postgres://user:password@host:port/database, with other characters than letters and digits percent-encoded.',
  }
  override readonly name = 'DatabaseAddressError'
  constructor(why: string) {
    super(`The address of the database ${why}.`)
  }
}

export class DatabaseLoginError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-LOGIN',
    happened: "A database login can't be made for a prover under this name.",
    remedy: 'choose another name for the provers.',
  }
  override readonly name = 'DatabaseLoginError'
  constructor(login: string, why: string) {
    super(`The login "${login}" ${why}.`)
  }
}

export class DeploymentMismatchError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-DEPLOYMENT',
    happened: "A rollup's name stands for another contract than at the first start.",
    remedy:
      'correct name, chain or contract in the configuration, or use a fresh database (or another name) for another contract.',
  }
  override readonly name = 'DeploymentMismatchError'
  constructor(p: { configured: string; known: string }) {
    super(`The configuration says ${p.configured}; this database knows ${p.known}.`)
  }
}

/** Bytes that something refers to are not in the store. The class name is what workflows match. */
export class BlobMissingError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-DB-BLOB-MISSING',
    happened: 'Bytes that something refers to are not in the store.',
    remedy:
      'nothing at first: what made them is asked again. If it stays, bytes were removed by hand: restore the database from a backup.',
  }
  override readonly name = BLOB_MISSING
  constructor(sha256: Hex) {
    super(`The store holds no bytes ${sha256}.`)
  }
}

export class BytesCorruptError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-CORRUPT',
    happened: 'Stored bytes no longer are what they were: a disk or a restore went wrong.',
    remedy:
      'restore the store from a backup, or remove the damaged copy so that it is made again from the other one; check the disk.',
  }
  override readonly name = 'BytesCorruptError'
  constructor(p: { sha256: Hex; actual: Hex; where: string }) {
    super(`Bytes ${p.sha256} in ${p.where} hash to ${p.actual}.`)
  }
}

export class ProofRecordError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DB-PROOF-RECORD',
    happened: "What is to be recorded of a proof couldn't be read again.",
    remedy: 'this is a bug unless somebody changed tables or rows by hand: report it.',
  }
  override readonly name = 'ProofRecordError'
  constructor(p: { sha256: Hex; fields: string[] }) {
    super(`The record of proof ${p.sha256} can't be kept: ${p.fields.join(', ')}.`)
  }
}

/**
 * The archive's folder can't be read or written now; `ETIMEDOUT`: whoever asks hangs, as on a mount whose server went
 * away.
 */
export class ArchiveUnavailableError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-ARCHIVE-UNAVAILABLE',
    happened:
      "The folder of the archive can't be read or written now, or hangs, as a mount does whose server went away.",
    remedy:
      'make the folder writable and give its disk space, and see that its disk or mount answers; no new hash is sent until final proofs can be archived.',
  }
  override readonly name = 'ArchiveUnavailableError'
  constructor(p: { folder: string; systemCode: string }) {
    const isSilent = p.systemCode === 'ETIMEDOUT'
    const remedy = isSilent
      ? "see that the folder's disk or mount answers (`stat` hangs as well)"
      : 'make the folder writable and give its disk space'
    super(`The proof archive ${p.folder} ${isSilent ? 'does not answer' : "can't be used"} (${p.systemCode}).`, {
      remedy: `${remedy}; no new hash is sent until final proofs can be archived.`,
    })
  }
}
