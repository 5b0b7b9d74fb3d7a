import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Hex } from '../../protocol/base/ranges.ts'
import { ArchiveUnavailableError, BytesCorruptError } from '../errors.ts'
import { hashOf } from '../proofs/blobs.ts'
import { type ArchivedProof, checkArchivedProof, readArchivedProof } from '../proofs/proof-record.ts'
import { createTurns } from './folder-turns.ts'

/** The second store of final proofs, because their exact bytes can't always be made again. */
export interface Archive {
  /**
   * Keeps a final proof. When this returns, it survives a crash of the machine, and `has` and `list` know it. Doing so
   * again is harmless, and mends a damaged copy. @throws ProofRecordError for a record that couldn't be read.
   */
  put(record: ArchivedProof, proof: Uint8Array): Promise<void>
  /** @returns undefined when it isn't there. @throws BytesCorruptError when it is damaged. */
  get(sha256: Hex): Promise<Uint8Array | undefined>
  /** Tells whether it is there, whole and with its record. */
  has(sha256: Hex): Promise<boolean>
  /**
   * Lists all records, each read once, and the names of files that can't be read as one. The bytes are not looked at.
   */
  list(): Promise<{ proofs: ArchivedProof[]; unreadable: string[] }>
}

/** How long one file may take, ms. A disk takes milliseconds, a mount whose server went away never answers. */
const TIMEOUT_MS = 10_000

/**
 * Makes an archive in a folder, best on another disk than Postgres: per proof a file of its bytes and one of its
 * record. Every method throws ArchiveUnavailableError when the file system refuses, or doesn't answer. Then all of them
 * do until it does.
 */
export function createFolderArchive(path: string, { timeoutMs = TIMEOUT_MS } = {}): Archive {
  const folder = resolve(path)
  const takeTurn = createTurns({
    timeoutMs,
    timedOut: () => new ArchiveUnavailableError({ folder, systemCode: 'ETIMEDOUT' }),
  })
  const fileOf = (sha256: Hex, kind: 'proof' | 'json') => join(folder, `${sha256}.${kind}`)
  const contentOf = (file: string) => takeTurn(() => readIfThere(file))
  /**
   * The records by file name. A record doesn't change once it is whole, and every sequence without a proof asks for the
   * list at every look.
   */
  const known = new Map<string, ArchivedProof>()

  async function get(sha256: Hex): Promise<Uint8Array | undefined> {
    const proof = await contentOf(fileOf(sha256, 'proof'))
    if (proof === undefined) return undefined
    const actual = hashOf(proof)
    if (actual !== sha256) throw new BytesCorruptError({ sha256, actual, where: `the archive ${folder}` })
    return new Uint8Array(proof)
  }

  async function has(sha256: Hex): Promise<boolean> {
    const [proof, record] = await Promise.all([contentOf(fileOf(sha256, 'proof')), contentOf(fileOf(sha256, 'json'))])
    return (
      proof !== undefined && hashOf(proof) === sha256 && record !== undefined && parseRecord(record)?.sha256 === sha256
    )
  }

  async function put(record: ArchivedProof, proof: Uint8Array): Promise<void> {
    const actual = hashOf(proof)
    if (actual !== record.sha256)
      throw new BytesCorruptError({ sha256: record.sha256, actual, where: 'what was to be archived' })
    const readable = checkArchivedProof(record)
    if (await has(record.sha256)) return
    // A proof that names no miner can be stolen until it is sent.
    await takeTurn(() => mkdir(folder, { recursive: true, mode: 0o700 }))
    // The record comes last: whatever it names is whole.
    await takeTurn(() => writeDurably(fileOf(record.sha256, 'proof'), proof))
    await takeTurn(() =>
      writeDurably(fileOf(record.sha256, 'json'), Buffer.from(`${JSON.stringify(readable, null, 2)}\n`)),
    )
  }

  async function read(name: string): Promise<{ name: string; record: ArchivedProof | undefined }> {
    const record = known.get(name) ?? parseRecord((await contentOf(join(folder, name))) ?? Buffer.alloc(0))
    if (record !== undefined) known.set(name, record)
    return { name, record }
  }

  async function list(): Promise<{ proofs: ArchivedProof[]; unreadable: string[] }> {
    const names = (await takeTurn(() => listFolder(folder))).filter((name) => name.endsWith('.json')).sort()
    const found = await Promise.all(names.map(read))
    return {
      proofs: found.flatMap(({ record }) => record ?? []),
      unreadable: found.filter(({ record }) => record === undefined).map(({ name }) => name),
    }
  }

  return {
    put: onDisk(folder, put),
    get: onDisk(folder, get),
    has: onDisk(folder, has),
    list: onDisk(folder, list),
  }
}

function parseRecord(json: Buffer): ArchivedProof | undefined {
  try {
    return readArchivedProof(JSON.parse(json.toString('utf8')))
  } catch {
    return undefined
  }
}

/**
 * Writes a file so that a reader sees nothing or all of it, and after the return a crash of the machine leaves all of
 * it.
 */
async function writeDurably(file: string, content: Uint8Array): Promise<void> {
  const unfinished = join(dirname(file), `.${basename(file)}.${randomUUID()}.part`)
  try {
    await writeAndSync(unfinished, content)
    await rename(unfinished, file)
  } catch (error) {
    // It is tried again and again: what is left must not fill a full disk.
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(file)) // without this the new name itself may be lost
}

async function writeAndSync(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const readIfThere = (file: string) => readFile(file).catch(undefinedIfMissing)

const listFolder = async (folder: string) => (await readdir(folder).catch(undefinedIfMissing)) ?? []

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Gives the operating system's refusals our name and a remedy. */
function onDisk<A extends unknown[], R>(folder: string, act: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await act(...args)
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
      throw new ArchiveUnavailableError({ folder, systemCode: String(error.code) })
    }
  }
}
