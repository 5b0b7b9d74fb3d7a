import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { bytesToHex, decodeFunctionData, keccak256, parseTransaction } from 'viem'
import { describe, expect, test } from 'vitest'
import { createOpenTask } from '../../../activities/proof/open-task.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import { createLookAtSequence, readView } from '../../../activities/sequence/look-at-sequence.ts'
import { twoStepAbi } from '../../../chain/abi.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { type Archive, createFolderArchive } from '../../../db/archive/archive.ts'
import { migrate } from '../../../db/deployment/migrate.ts'
import { ArchiveUnavailableError } from '../../../db/errors.ts'
import { hasBlob, readBlob } from '../../../db/proofs/blobs.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { anvilKeys } from '../../chain/anvil-keys.ts'
import { openTestDatabase } from '../../db/fixtures.ts'
import { hangFile } from '../../support/hanging-file.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { openSequence } from '../submission-support.ts'
import { activityEnvironment } from '../support.ts'

const ROUND = { startBlock: 80, commitBlocks: 10, proveBlocks: 30, isVerified: false, lateProofDeadlineBlock: null }

describe('Postgres emptied between hash and proof', () => {
  test('is named with its remedy, and after it the very proof is sent from the archive, though nothing is prepared again yet', async () => {
    const { url, db, deps, sequence, look, see, open, pass, commit, broadcastProof } = await scene()
    const { proofHash, sha256 } = await commit()
    await db.execute(sql`drop schema zkpow, zkpow_migrations cascade`)
    const gone = { name: 'DatabaseTablesMissingError', remedy: expect.stringContaining('`zkpow migrate`') }
    await expect(look()).rejects.toMatchObject(gone)
    await expect(pass()).rejects.toMatchObject(gone)
    await migrate(url)
    const found = { proofHash, isInBothStores: false, isAcceptedByContract: true }
    expect(await look()).toMatchObject({ step: { kind: 'prove' } })
    expect(await see()).toMatchObject({ finalProof: found })
    await pass()
    expect(keccak256(broadcastProof())).toBe(
      keccak256(`0x${Buffer.from((await deps.archive.get(sha256)) ?? []).toString('hex')}`),
    )
    await activityEnvironment().run(createPrepareSequence(deps), { sequence })
    expect(await open()).toMatchObject({ status: 'proved', proof: { sha256 } })
    expect(await hasBlob(db, sha256)).toBe(true)
  })
})

describe('a damaged copy in the archive', () => {
  /** Stores a proof in both stores, and damages the archive's copy. */
  async function damaged() {
    const made = await scene()
    const folder = await scratchFolder()
    made.deps.archive = createFolderArchive(folder)
    const { sha256 } = await made.prove()
    await writeFile(join(folder, `${sha256}.proof`), 'not what it was')
    return { ...made, sha256 }
  }

  test('is said and made again where Postgres has lost its own', async () => {
    const { db, deps, open, look, sequence, sha256 } = await damaged()
    await db.execute(
      sql`truncate zkpow.proofs, zkpow.proof_uploads, zkpow.blobs, zkpow.batches, zkpow.snapshots cascade`,
    )
    expect((await look()).step).toEqual({
      kind: 'reprove',
      why: `every copy of the final proof ${sha256} is damaged: check the disks`,
    })
    await activityEnvironment().run(createPrepareSequence(deps), { sequence })
    expect(await open()).toMatchObject({ status: 'open' })
  })

  test('keeps the hash back until it is mended from Postgres', async () => {
    const { deps, open, look, sha256 } = await damaged()
    expect((await look()).step).toMatchObject({ kind: 'reprove', why: expect.stringContaining('in one store only') })
    expect(await open()).toMatchObject({ status: 'proved' })
    expect(await deps.archive.has(sha256)).toBe(true)
    expect((await look()).step).toMatchObject({ kind: 'commit' })
  })
})

describe('a damaged copy in Postgres', () => {
  const FLIPPED = sql`
    alter table zkpow.blobs drop constraint blobs_address_is_hash;
    update zkpow.blobs set bytes = set_bit(bytes, 0, 1 - get_bit(bytes, 0))`
  /** What Postgres says of a page or a value that its disk spoiled. */
  const UNREADABLE = sql`
    create function zkpow.spoilt() returns bytea language plpgsql as
      $$ begin raise exception 'missing chunk number 0 for toast value 1' using errcode = 'data_corrupted'; end $$;
    alter table zkpow.blobs rename to spoilt_blobs;
    create view zkpow.blobs as select sha256, size, zkpow.spoilt() as bytes from zkpow.spoilt_blobs`

  test.each([
    { what: 'with a bit flipped', damage: FLIPPED },
    { what: 'that Postgres can not read', damage: UNREADABLE },
  ])('$what holds up no proof that is owed: the archive has it whole', async ({ damage }) => {
    const { db, deps, look, see, pass, commit, broadcastProof } = await scene()
    const { proofHash, sha256 } = await commit()
    await db.execute(damage)
    expect(await look()).toMatchObject({ step: { kind: 'prove' } })
    expect(await see()).toMatchObject({ finalProof: { proofHash, isInBothStores: false } })
    await pass()
    expect(broadcastProof()).toBe(bytesToHex((await deps.archive.get(sha256)) ?? new Uint8Array()))
  })

  test('keeps the hash back until it is mended from the archive', async () => {
    const { db, open, prove, look } = await scene()
    const { sha256, size } = await prove()
    await db.execute(FLIPPED)
    await expect(readBlob(db, sha256)).rejects.toMatchObject({ name: 'BytesCorruptError' })
    expect((await look()).step).toMatchObject({ kind: 'reprove', why: expect.stringContaining('in one store only') })
    expect(await open()).toMatchObject({ status: 'proved', proof: { sha256 } })
    await expect(readBlob(db, sha256)).resolves.toHaveLength(size)
    expect((await look()).step).toMatchObject({ kind: 'commit' })
  })

  test('and one in the archive: it is named, and nothing is committed to', async () => {
    const { db, deps, open, prove, look } = await scene()
    const folder = await scratchFolder()
    deps.archive = createFolderArchive(folder)
    const { sha256 } = await prove()
    await writeFile(join(folder, `${sha256}.proof`), 'not what it was')
    await db.execute(FLIPPED)
    expect((await look()).step).toEqual({
      kind: 'reprove',
      why: `every copy of the final proof ${sha256} is damaged: check the disks`,
    })
    await expect(open()).rejects.toMatchObject({
      name: 'BytesCorruptError',
      message: expect.stringContaining('in Postgres'),
    })
  })
})

describe('an archive whose disk is full', () => {
  const full = (archive: Archive): Archive => ({
    ...archive,
    put: () => Promise.reject(new ArchiveUnavailableError({ folder: '/archive', systemCode: 'ENOSPC' })),
  })

  test('keeps the hash back and says why, until there is space', async () => {
    const { deps, prove, look, open } = await scene()
    const { archive } = deps
    deps.archive = full(archive)
    await expect(prove()).rejects.toMatchObject({
      name: 'ArchiveUnavailableError',
      message: expect.stringContaining('(ENOSPC)'),
    })
    expect((await look()).step).toMatchObject({ kind: 'reprove', why: expect.stringContaining('in one store only') })
    deps.archive = archive
    expect(await open()).toMatchObject({ status: 'proved' })
    expect((await look()).step).toMatchObject({ kind: 'commit' })
  })

  test.each<{ what: string; make: (archive: Archive, sha256: Hex) => Promise<Archive> }>([
    { what: 'full', make: async (archive) => full(archive) },
    { what: 'away', make: notAFolder },
    { what: 'hanging', make: (_, sha256) => hanging(sha256) },
  ])('and one that is $what hold up no proof that is owed', async ({ make }) => {
    const { deps, look, pass, commit, broadcastProof } = await scene()
    const { proofHash, sha256 } = await commit()
    deps.archive = await make(deps.archive, sha256)
    expect(await look()).toMatchObject({ step: { kind: 'prove' }, view: { finalProof: { proofHash } } })
    await pass()
    expect(broadcastProof()).toMatch(/^0x/)
  })

  test('is not asked for the bytes of a proof that Postgres has', async () => {
    const { deps, pass, commit, broadcastProof } = await scene()
    await commit()
    deps.archive = { ...deps.archive, get: () => new Promise<never>(() => undefined) }
    await pass()
    expect(broadcastProof()).toMatch(/^0x/)
  })

  test('that hangs when Postgres has lost the proof, too, is named', async () => {
    const { db, deps, look, commit } = await scene()
    const { sha256 } = await commit()
    deps.archive = await hanging(sha256)
    await db.execute(sql`truncate zkpow.proofs, zkpow.proof_uploads, zkpow.blobs cascade`)
    await expect(look()).rejects.toMatchObject({
      name: 'ArchiveUnavailableError',
      message: expect.stringContaining('does not answer'),
    })
  })

  test('that is away keeps the hash back, too', async () => {
    const { deps, prove, look } = await scene()
    await prove()
    deps.archive = await notAFolder()
    expect((await look()).step).toMatchObject({ kind: 'reprove', why: expect.stringContaining('in one store only') })
  })
})

/** Puts a file where the folder ought to be: every access is refused (ENOTDIR), as of a disk that went away. */
async function notAFolder(): Promise<Archive> {
  const file = join(await scratchFolder(), 'file')
  await writeFile(file, '')
  return createFolderArchive(join(file, 'archive'))
}

/** Makes an archive in which whoever reads this proof hangs. */
async function hanging(sha256: Hex): Promise<Archive> {
  const folder = await scratchFolder()
  for (const kind of ['json', 'proof']) {
    const file = join(folder, `${sha256}.${kind}`)
    await writeFile(file, '')
    hangFile(file)
  }
  return createFolderArchive(folder, { timeoutMs: 100 })
}

/** Prepares a sequence in a database of its own, and a sender that is told to send its proof. */
async function scene() {
  const { db, url } = await openTestDatabase()
  const opened = await openSequence(db)
  const { deps, contract, prove, rollup, sequence } = opened
  const account = createMinerAccount(anvilKeys[1] ?? '0x')
  const senders = [
    { chainId: 31337, chain: rollup.chain, account, limits: { maxFeePerGasWei: 1_000n, patienceBlocks: 3 } },
  ]
  const queue: Intent[] = []
  return {
    ...{ ...opened, db, url },
    /** Does what proving does first. */
    open: () => createOpenTask(deps)({ sequence, range: { from: 1, to: 3 }, stage: 'final', children: [] }),
    look: () => createLookAtSequence(deps)({ sequence }),
    see: () => readView(deps, rollup, sequence),
    pass: () => createAdvanceSender({ ...deps, senders })({ chainId: 31337, account: account.address, queue }),
    /** Proves it, and has our hash stand in an open proof window. */
    async commit() {
      const finalProof = await prove()
      const own = { proofHash: finalProof.proofHash, roundStartBlock: 80, isProved: false, isSettled: false }
      contract.state = { ...contract.state, round: ROUND, own }
      queue.push({ ...sequence, step: 'prove', contract: rollup.contract, finalProof, firstBlock: 91, lastBlock: 120 })
      return finalProof
    },
    /** Finds the proof in the only transaction that was sent. */
    broadcastProof(): Hex {
      expect(contract.broadcasts).toHaveLength(1)
      const { data = '0x' } = parseTransaction(contract.broadcasts[0] ?? '0x')
      const { functionName, args = [] } = decodeFunctionData({ abi: twoStepAbi, data })
      expect(functionName).toBe('verifyBatches')
      return args[4] as Hex
    },
  }
}
