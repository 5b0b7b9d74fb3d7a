import type { Chain } from '../../chain/create-chain.ts'
import type { RollupConfig, WatchedAccount } from '../../config/types.ts'
import type { Db } from '../../db/connection/connect.ts'
import { pinDeployment } from '../../db/deployment/deployments.ts'
import { findNewestSnapshot, snapshotsUpTo, storeSnapshot } from '../../db/proofs/batches.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import { type BatchRange, isSameAddress } from '../../protocol/base/ranges.ts'
import type { RollupKind, RollupState } from '../../protocol/proof/rollup-kind.ts'
import { SnapshotMissingError, SnapshotRefusedError } from '../errors.ts'
import { readSnapshotFile, writeSnapshotFile } from './snapshot-file.ts'

/** Whose state it is, and where it is kept. */
export interface SnapshotStore {
  db: Db
  chain: Chain
  rollup: Pick<RollupConfig<WatchedAccount>, 'name' | 'contract' | 'kind'>
  kind: Pick<RollupKind, 'stateRootOf'>
}

/**
 * Gives the newest state that this database has of a verified batch, or that after a given one, as a file's text.
 * @throws SnapshotMissingError | SnapshotRefusedError
 */
export async function exportSnapshot(
  store: SnapshotStore,
  asked: number | undefined,
): Promise<{ text: string; batchNum: number }> {
  const { chain, rollup } = store
  const { head } = await chain.agreedBlocks()
  const lastVerified = await chain.readLastVerified({ contract: rollup.contract, at: head })
  const state = await findVerified(store, { to: Math.min(asked ?? lastVerified, lastVerified), from: asked ?? 1 })
  if (state === undefined) throw new SnapshotMissingError({ rollup: rollup.name, asked, lastVerified })
  await assertOfContract(store, state)
  const { kind, contract } = rollup
  return { text: writeSnapshotFile({ kind, chainId: chain.chainId, contract, state }), batchNum: state.batchNum }
}

/** Finds the newest of the stored states that leads to what is posted: a reorg may have left others. */
async function findVerified({ db, chain, rollup }: SnapshotStore, range: BatchRange): Promise<RollupState | undefined> {
  for await (const { batchNum, accInputHash } of snapshotsUpTo(db, { rollup: rollup.name, to: range.to })) {
    if (batchNum < range.from) return undefined
    const posted = await chain.readBatchEnd({ contract: rollup.contract, batchNum })
    if (posted?.accInputHash === accInputHash)
      return findNewestSnapshot(db, { rollup: rollup.name, accInputHashes: [accInputHash] })
  }
  return undefined
}

/**
 * Stores a state that another aggregator exported: its bytes hash to the root that the contract verified after that
 * batch.
 * @returns its batch.
 * @throws SnapshotRefusedError | DeploymentMismatchError
 */
export async function importSnapshot(store: SnapshotStore, text: string): Promise<number> {
  const { db, chain, rollup } = store
  const { kind, chainId, contract, state } = readSnapshotFile(text)
  if (kind !== rollup.kind) throw new SnapshotRefusedError(`it is of kind "${kind}", the rollup is of "${rollup.kind}"`)
  if (chainId !== chain.chainId)
    throw new SnapshotRefusedError(`it is of chain ${chainId}, the rollup is on ${chain.chainId}`)
  if (!isSameAddress(contract, rollup.contract))
    throw new SnapshotRefusedError(`it is of contract ${contract}, the rollup is ${rollup.contract}`)
  await assertOfContract(store, state)
  await pinDeployment(db, { rollup: rollup.name, chainId, contract })
  await storeSnapshot(db, { rollup: rollup.name, state })
  return state.batchNum
}

/** @throws SnapshotRefusedError unless the contract verified this state after the last batch of a sequence. */
async function assertOfContract({ chain, rollup, kind }: SnapshotStore, state: RollupState): Promise<void> {
  const { batchNum, stateRoot, accInputHash } = state
  const actual = hashState(kind, state.snapshot)
  if (actual !== stateRoot)
    throw new SnapshotRefusedError(`its state hashes to ${actual}, not to its root ${stateRoot}`)
  const posted = await chain.readBatchEnd({ contract: rollup.contract, batchNum })
  if (posted === null)
    throw new SnapshotRefusedError(`batch ${batchNum} is not the last of a sequence that the contract has verified`)
  if (posted.stateRoot !== stateRoot)
    throw new SnapshotRefusedError(
      `its root is ${stateRoot}; after batch ${batchNum} the contract has ${posted.stateRoot}`,
    )
  if (posted.accInputHash !== accInputHash)
    throw new SnapshotRefusedError(
      `its accumulated input hash is ${accInputHash}; after batch ${batchNum} the contract has ${posted.accInputHash}`,
    )
}

function hashState(kind: Pick<RollupKind, 'stateRootOf'>, snapshot: Uint8Array): string {
  try {
    return kind.stateRootOf(snapshot)
  } catch (error) {
    throw error instanceof FatalError ? new SnapshotRefusedError(error.message) : error
  }
}
