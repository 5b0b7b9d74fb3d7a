import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportSnapshot, importSnapshot, type SnapshotStore } from '../../../client/requests/snapshots.ts'
import { type SnapshotRef, snapshotsUpTo, storeSnapshot } from '../../../db/proofs/batches.ts'
import { blobRef } from '../../../db/proofs/blobs.ts'
import { stateRoot, treeOf } from '../../../kinds/payments/account-tree.ts'
import { accountKey } from '../../../kinds/payments/sign-transfer.ts'
import { toSnapshot } from '../../../kinds/payments/snapshot.ts'
import { word } from '../../../protocol/proof/public-input.ts'
import type { RollupState } from '../../../protocol/proof/rollup-kind.ts'
import { openChain } from '../../../workers/connections.ts'
import { kindFactory } from '../../../workers/kinds/kinds.ts'
import { Harness } from '../../contracts/harness.ts'
import { committing, proving, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { migratedDatabase, operatorConfig } from '../support.ts'

const tree = treeOf(
  [word(11n), word(22n)].map((key, index) => [index, { ...accountKey(key), balance: 500n, nonce: 0n }] as const),
)
const verified = { ...nextSequence(undefined, 2), newStateRoot: stateRoot(tree) }
const unverified = nextSequence(verified, 1)
const STATE: RollupState = {
  ...{
    batchNum: 2,
    stateRoot: verified.newStateRoot,
    accInputHash: verified.newAccInputHash,
    snapshot: toSnapshot(tree),
  },
}

let harness: Harness

beforeAll(async () => {
  harness = await Harness.start()
  const miner = harness.account(4)
  for (const sequence of [verified, unverified])
    expect(await harness.act(sequencing(harness.sequencer, sequence))).toBe('ok')
  await harness.act(staking(miner, 10_000n))
  expect(await harness.act(committing(miner, verified))).toBe('ok')
  await harness.mine(3)
  expect(await harness.act(proving(miner, verified))).toBe('ok')
})

afterAll(() => harness?.anvil.stop())

describe('a snapshot', () => {
  test('goes from one aggregator to another', async () => {
    const text = await exported()
    const other = await storeOf()
    expect(await importSnapshot(other, text)).toBe(2)
    expect(await importSnapshot(other, text)).toBe(2)
    expect(await storedUpTo(other, 2)).toEqual([
      { batchNum: 2, stateRoot: STATE.stateRoot, accInputHash: STATE.accInputHash, sha256: expect.any(String) },
    ])
    expect((await exportSnapshot(other, 2)).text).toBe(text)
  })

  test('is not exported before its batch is verified, and of what a reorg left nothing is', async () => {
    const store = await storeOf()
    await storeSnapshot(store.db, {
      rollup: 'payments',
      state: { ...STATE, batchNum: 3, accInputHash: unverified.newAccInputHash },
    })
    await storeSnapshot(store.db, { rollup: 'payments', state: { ...STATE, accInputHash: word(5n) } })
    await expect(exportSnapshot(store, 3)).rejects.toMatchObject({ code: 'ZKPOW-CLI-SNAPSHOT-MISSING' })
    await expect(exportSnapshot(store, undefined)).rejects.toMatchObject({ code: 'ZKPOW-CLI-SNAPSHOT-MISSING' })
  })

  const keyless = toSnapshot(treeOf([[5, { keyX: word(0n), keyY: word(0n), balance: 9n, nonce: 0n }]]))
  const refusals: { what: string; change(file: Record<string, unknown>): object | string; says: string }[] = [
    { what: 'no JSON', change: () => 'no', says: "isn't a snapshot of this version" },
    {
      what: 'of another version',
      change: (file) => ({ ...file, zkpowSnapshot: 2 }),
      says: "isn't a snapshot of this version",
    },
    {
      what: 'damaged',
      change: (file) => ({ ...file, state: Buffer.from('zkpow/s1').toString('base64') }),
      says: 'it is damaged',
    },
    {
      what: 'of another kind',
      change: (file) => ({ ...file, kind: 'simulated-payments' }),
      says: 'of kind "simulated-payments"',
    },
    { what: 'of another chain', change: (file) => ({ ...file, chainId: 1 }), says: 'of chain 1' },
    {
      what: 'of another contract',
      change: (file) => ({ ...file, contract: `0x${'12'.repeat(20)}` }),
      says: 'of contract 0x1212',
    },
    {
      what: 'of an unverified batch',
      change: (file) => ({ ...file, batchNum: 3 }),
      says: 'batch 3 is not the last of a sequence',
    },
    {
      what: 'of no last batch',
      change: (file) => ({ ...file, batchNum: 1 }),
      says: 'batch 1 is not the last of a sequence',
    },
    {
      what: 'of another root',
      change: (file) => ({ ...file, stateRoot: word(7n) }),
      says: `not to its root ${word(7n)}`,
    },
    { what: 'of other data', change: (file) => ({ ...file, accInputHash: word(7n) }), says: `hash is ${word(7n)}` },
    {
      what: 'another state',
      change: (file) => ({ ...file, ...withState(toSnapshot(treeOf([]))) }),
      says: 'after batch 2 the contract has',
    },
    {
      what: 'with what the root does not cover',
      change: (file) => ({
        ...file,
        ...withState(Buffer.concat([STATE.snapshot, keyless.subarray(8)]), STATE.stateRoot),
      }),
      says: 'an entry without a key',
    },
  ]
  test.each(refusals)('is refused that is $what', async ({ change, says }) => {
    const changed = change(JSON.parse(await exported()))
    const store = await storeOf()
    const refused = { code: 'ZKPOW-CLI-SNAPSHOT-REFUSED', message: expect.stringContaining(says) }
    await expect(
      importSnapshot(store, typeof changed === 'string' ? changed : JSON.stringify(changed)),
    ).rejects.toMatchObject(refused)
    expect(await storedUpTo(store, 9)).toEqual([])
  })
})

async function storeOf(): Promise<SnapshotStore> {
  const { db } = await migratedDatabase()
  const [made] = operatorConfig({ rpcUrl: harness.anvil.url }).rollups
  if (made === undefined) throw new Error('There is no rollup.')
  return {
    db,
    chain: openChain(made.chain),
    rollup: { ...made, contract: harness.rollup },
    kind: kindFactory('payments'),
  }
}

async function exported(): Promise<string> {
  const store = await storeOf()
  await storeSnapshot(store.db, { rollup: 'payments', state: STATE })
  return (await exportSnapshot(store, undefined)).text
}

function withState(snapshot: Uint8Array, root = kindFactory('payments').stateRootOf(snapshot)) {
  const { sha256 } = blobRef(snapshot)
  return { state: Buffer.from(snapshot).toString('base64'), sha256, stateRoot: root }
}

async function storedUpTo({ db }: SnapshotStore, to: number): Promise<SnapshotRef[]> {
  const stored: SnapshotRef[] = []
  for await (const state of snapshotsUpTo(db, { rollup: 'payments', to })) stored.push(state)
  return stored
}
