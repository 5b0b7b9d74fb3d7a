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

/** Postgres refuses connections, went away, or starts up. */
export class DatabaseUnreachableError extends RetryableError {
  override readonly name = 'DatabaseUnreachableError'
  readonly code = 'ZKPOW-DB-UNREACHABLE'
  constructor(failure: Failure) {
    super(tell('Postgres was not reachable', failure), {
      remedy: 'start Postgres, or correct host and port of the database address in the configuration.',
    })
  }
}

/** Statement and lock time-outs, `query_canceled` and `lock_not_available`. */
const TOOK_TOO_LONG = ['57014', '55P03']

/** What the migrations say to a login with too many open uploads. */
const TOO_MUCH_OPEN = '53400'

/** Postgres has no connection, memory, lock or room for a login's uploads left for this now, or was too slow. */
export class DatabaseBusyError extends RetryableError {
  override readonly name = 'DatabaseBusyError'
  readonly code = 'ZKPOW-DB-BUSY'
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

/** The disk of Postgres is full. Nothing that was stored is lost. */
export class DatabaseFullError extends RetryableError {
  override readonly name = 'DatabaseFullError'
  readonly code = 'ZKPOW-DB-FULL'
  constructor(failure: Failure) {
    super(tell('The disk of Postgres was full', failure), {
      remedy: "free or add disk space on Postgres' machine; work goes on by itself then.",
    })
  }
}

/** Postgres found a page or a value of its own damaged (XX001, XX002). */
export class DatabaseDamagedError extends FatalError {
  override readonly name = 'DatabaseDamagedError'
  readonly code = 'ZKPOW-DB-DAMAGED'
  constructor(failure: Failure) {
    super(tell('Postgres found its own data damaged', failure), {
      remedy: 'check the disk, and restore Postgres from a backup; final proofs are read from the archive meanwhile.',
    })
  }
}

/** User, password, database name or rights don't fit. */
export class DatabaseAccessError extends FatalError {
  override readonly name = 'DatabaseAccessError'
  readonly code = 'ZKPOW-DB-ACCESS'
  constructor(failure: Failure) {
    super(tell('Postgres refused access', failure), {
      remedy:
        'check user, password and database name of the database address; the aggregator needs the owner of schema zkpow, a prover a login in role zkpow_prover.',
    })
  }
}

/**
 * Tables or columns were gone while something ran: the database was emptied, or replaced by another one. Work goes on
 * when they are back.
 */
export class DatabaseTablesMissingError extends RetryableError {
  override readonly name = 'DatabaseTablesMissingError'
  readonly code = 'ZKPOW-DB-TABLES-MISSING'
  constructor(failure: Failure) {
    super(tell('The database lacked a table or column', failure), {
      remedy:
        'run `zkpow migrate` with this version of zkpow; running processes go on by themselves then, with what chain and archive still know.',
    })
  }
}

/** The tables aren't those that this version of zkpow needs. */
export class DatabaseSchemaError extends FatalError {
  override readonly name = 'DatabaseSchemaError'
  readonly code = 'ZKPOW-DB-SCHEMA'
}

/** Another session keeps a lock that a migration needs. */
export class MigrationBlockedError extends RetryableError {
  override readonly name = 'MigrationBlockedError'
  readonly code = 'ZKPOW-DB-MIGRATION-BLOCKED'
  /** @param holders sessions as `process 17 of login "machine_1"`; none when they have ended since. */
  constructor(holders: string[]) {
    super(`The migration got no lock within 10 s; locks are held by ${holders.join(', ') || 'nobody any more'}.`, {
      remedy:
        'run it again; if it stays so, end those processes (`select pg_terminate_backend(<process>)`), and take the login from a prover that does it again (`alter role <login> nologin`).',
    })
  }
}

/** Postgres refused the statement: a broken rule of the tables, or a bug of ours. */
export class DatabaseRefusedError extends FatalError {
  override readonly name = 'DatabaseRefusedError'
  readonly code = 'ZKPOW-DB-REFUSED'
  constructor(failure: Failure) {
    super(tell('Postgres refused the statement', failure), {
      remedy: 'this is a bug unless somebody changed tables or rows by hand: report it.',
    })
  }
}

/** The address of the database can't be used. */
export class DatabaseAddressError extends FatalError {
  override readonly name = 'DatabaseAddressError'
  readonly code = 'ZKPOW-DB-ADDRESS'
  constructor(why: string) {
    super(`The address of the database ${why}.`, {
      remedy:
        'write postgres://user:password@host:port/database, with other characters than letters and digits percent-encoded.',
    })
  }
}

/** A database login can't be made for a prover under this name. */
export class DatabaseLoginError extends FatalError {
  override readonly name = 'DatabaseLoginError'
  readonly code = 'ZKPOW-DB-LOGIN'
  constructor(login: string, why: string) {
    super(`The login "${login}" ${why}.`, { remedy: 'choose another name for the provers.' })
  }
}

/** A rollup's name stands for another contract than at the first start. */
export class DeploymentMismatchError extends FatalError {
  override readonly name = 'DeploymentMismatchError'
  readonly code = 'ZKPOW-DB-DEPLOYMENT'
  constructor(p: { configured: string; known: string }) {
    super(`The configuration says ${p.configured}; this database knows ${p.known}.`, {
      remedy:
        'correct name, chain or contract in the configuration, or use a fresh database (or another name) for another contract.',
    })
  }
}

/** Bytes that something refers to are not in the store. The class name is what workflows match. */
export class BlobMissingError extends RetryableError {
  override readonly name = BLOB_MISSING
  readonly code = 'ZKPOW-DB-BLOB-MISSING'
  constructor(sha256: Hex) {
    super(`The store holds no bytes ${sha256}.`, {
      remedy:
        'nothing at first: what made them is asked again. If it stays, bytes were removed by hand: restore the database from a backup.',
    })
  }
}

/** Stored bytes no longer are what they were: a disk or a restore went wrong. */
export class BytesCorruptError extends FatalError {
  override readonly name = 'BytesCorruptError'
  readonly code = 'ZKPOW-DB-CORRUPT'
  constructor(p: { sha256: Hex; actual: Hex; where: string }) {
    super(`Bytes ${p.sha256} in ${p.where} hash to ${p.actual}.`, {
      remedy:
        'restore the store from a backup, or remove the damaged copy so that it is made again from the other one; check the disk.',
    })
  }
}

/** What is to be recorded of a proof couldn't be read again. */
export class ProofRecordError extends FatalError {
  override readonly name = 'ProofRecordError'
  readonly code = 'ZKPOW-DB-PROOF-RECORD'
  constructor(p: { sha256: Hex; fields: string[] }) {
    super(`The record of proof ${p.sha256} can't be kept: ${p.fields.join(', ')}.`, {
      remedy: 'this is a bug unless somebody changed tables or rows by hand: report it.',
    })
  }
}

/**
 * The archive's folder can't be read or written now; `ETIMEDOUT`: whoever asks hangs, as on a mount whose server went
 * away.
 */
export class ArchiveUnavailableError extends RetryableError {
  override readonly name = 'ArchiveUnavailableError'
  readonly code = 'ZKPOW-ARCHIVE-UNAVAILABLE'
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
