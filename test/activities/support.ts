import { createHash, randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import type { ProvingDeps, RollupContext } from '../../activities/context.ts'
import type { PostedSequence } from '../../chain/contract/read-rollup.ts'
import type { Chain } from '../../chain/create-chain.ts'
import type { Archive } from '../../db/archive/archive.ts'
import { createFolderArchive } from '../../db/archive/archive.ts'
import type { Db } from '../../db/connection/connect.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Address, BatchRange, Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import type { Replay, StoredState } from '../../protocol/proof/replay.ts'
import type { ExecutionRules, PostedBatch, RollupKind, RollupState } from '../../protocol/proof/rollup-kind.ts'
import { hash, MINER } from '../db/fixtures.ts'
import { uniqueName } from '../support/names.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Makes a contract's address of its own for each test, for proofs belong to a contract. */
const newContract = (): Address => `0x${randomBytes(20).toString('hex')}`
export const KEYS = { batch: hash(0xb), aggregate: hash(0xa), final: hash(0xf) }
const IDS = { chainId: '1001', forkId: '4' }

/** Makes what activities run in. It is silent about failures that tests ask for. */
export const activityEnvironment = (info: { heartbeatDetails?: unknown } = {}) =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') })

/** Makes a client that knows of workflows what a test says. @param running ids of those that its list has. */
export const fakeTemporal = (workflow: object, running: readonly string[] = []): Client => {
  async function* list() {
    for (const workflowId of running) yield { workflowId }
  }
  const withDeadline = (_at: number, call: () => Promise<unknown>) => call()
  const describe = (id: string) => Promise.reject(new WorkflowNotFoundError('It never ran.', id, undefined))
  const getHandle = (id: string) => ({ describe: () => describe(id) })
  return { workflow: { list, getHandle, ...workflow }, withDeadline } as unknown as Client
}

/** Data that the kind below can't decode. */
export const GARBAGE = '0xdead'

class FakeCalldataError extends FatalError {
  static override readonly entry = { code: 'TEST-CALLDATA', happened: 'It is garbage.', remedy: 'post it again.' }
  override readonly name = 'FakeCalldataError'
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const sha = (value: string): Hex => `0x${createHash('sha256').update(value).digest('hex')}`

/** Hashes as the contract does, to its accumulated hash after batches with these data. */
export const accInputHash = (...data: string[]): Hex =>
  data.reduce<Hex>((before, one) => sha(`${before}${one}`), hash(0))

/** What a kind is for activities, and what its executor does for it. */
type ExecutableKind = RollupKind & ExecutionRules

/**
 * A kind whose batches are the words of the calldata, and whose state is all words so far. Its valid proofs name their
 * stage and the new root.
 */
const fakeKind: ExecutableKind = {
  name: 'fake',
  namesMiner: true,
  newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT,
  verificationKeyHashes: KEYS,
  srs: { srsName: 'none', isDevelopment: true },
  genesis: ({ stateRoot }) => ({ batchNum: 0, stateRoot, accInputHash: hash(0), snapshot: bytes('genesis') }),
  stateRootOf: (snapshot) => sha(text(snapshot)),
  decodeSequence(calldata) {
    if (calldata === GARBAGE)
      throw new FakeCalldataError('The calldata is no call of sequenceBatches.', { remedy: 'check the kind.' })
    return text(Buffer.from(calldata.slice(2), 'hex'))
      .split(' ')
      .map(toBatch)
  },
  chainAccInputHash: (before, { transactions }) => sha(`${before}${transactions}`),
  async executeBatch(before, batch, ids) {
    const after: RollupState = {
      batchNum: before.batchNum + 1,
      stateRoot: sha(`${before.stateRoot}+${batch.transactions}`),
      accInputHash: sha(`${before.accInputHash}${batch.transactions}`),
      snapshot: bytes(`${text(before.snapshot)} ${batch.transactions}`),
    }
    const statement = {
      ...{ oldStateRoot: before.stateRoot, newStateRoot: after.stateRoot },
      ...{ oldAccInputHash: before.accInputHash, newAccInputHash: after.accInputHash },
      ...{ oldBatchNum: before.batchNum, newBatchNum: after.batchNum, ...ids },
    }
    return { statement, input: bytes(`input of ${batch.transactions} after ${text(before.snapshot)}`), after }
  },
  finalInput: ({ miner }) => bytes(`for ${miner}`),
  verify: async ({ stage, proof, statement }) => text(proof).startsWith(`${stage} to ${statement.newStateRoot}`),
}

const toBatch = (transactions: string): PostedBatch => ({
  ...{ transactions: transactions as Hex, globalExitRoot: hash(0), timestamp: 1n, coinbase: MINER },
})

/** Makes bytes that the kind above takes for a proof. Another `salt` is a proof that was made anew. */
export const validProof = (stage: string, newStateRoot: Hex, salt = ''): Uint8Array =>
  bytes(`${stage} to ${newStateRoot} ${salt}`)

/** A posted sequence and what its transaction says. */
export interface Posted extends BatchRange {
  data: string[]
  /** @default the words of `data` */
  calldata?: Hex
  /** @default what `data` hashes to */
  accInputHash?: Hex
}

/** Makes a chain with posted sequences; everything else is asked of `more`, or fails. */
export function fakeChain(posted: readonly Posted[], more: Partial<Chain> = {}): Chain {
  const listed = posted.map((one, i): PostedSequence & { isDeep: boolean } => ({
    ...{ from: one.from, to: one.to, isDeep: true },
    accInputHash: one.accInputHash ?? accInputHash(...posted.slice(0, i + 1).flatMap(({ data }) => data)),
  }))
  const head = { number: 100, hash: hash(100) }
  const chain: Partial<Chain> = {
    chainId: 31337,
    troubles: () => [],
    readRollup: async ({ floor }) => ({
      ...{ head, final: head, finalVerifiedBatch: 0, lastVerifiedBatch: 0, lastBatchSequenced: posted.at(-1)?.to ?? 0 },
      sequences: listed.filter(({ to }) => to > floor),
    }),
    async readSequencing({ range }) {
      const found = posted.find(({ from, to }) => from === range.from && to === range.to)
      return (
        found && {
          isForced: false,
          calldata: found.calldata ?? `0x${Buffer.from(found.data.join(' ')).toString('hex')}`,
          blockNumber: 50,
        }
      )
    },
    ...more,
  }
  return new Proxy(chain as Chain, {
    get: (target, name) =>
      Reflect.get(target, name) ?? (() => Promise.reject(new Error(`This chain isn't asked for ${String(name)}.`))),
  })
}

/** Replays without a thread of its own. */
async function startReplay(from: StoredState, kind: () => ExecutionRules): Promise<Replay> {
  let state: RollupState = { ...from, snapshot: await from.readSnapshot() }
  return {
    get state() {
      return state
    },
    async decode(calldata) {
      const { decodeSequence, chainAccInputHash } = kind()
      const batches = decodeSequence(calldata)
      return { batches, accInputHash: batches.reduce(chainAccInputHash, state.accInputHash) }
    },
    async execute(batch, ids) {
      const { after, ...executed } = await kind().executeBatch(state, batch, ids)
      state = after
      return executed
    },
    snapshot: async () => state.snapshot,
    end: () => {},
  }
}

/** Makes a rollup on that chain, with an archive in a folder that goes away with the test. */
export async function setUp(
  db: Db,
  { posted, chain, kind }: { posted: readonly Posted[]; chain?: Partial<Chain>; kind?: Partial<ExecutableKind> },
) {
  const rollup: RollupContext & { kind: ExecutableKind } = {
    ...{
      name: uniqueName('rollup'),
      chainId: 31337,
      contract: newContract(),
      miner: MINER,
      startBatch: 1,
      deployedAtBlock: 0,
    },
    ...{
      kind: { ...fakeKind, ...kind },
      chain: fakeChain(posted, chain),
      ids: async () => IDS,
      genesis: async () => fakeKind.genesis({ stateRoot: hash(1), state: '0x' }),
      startReplay: (from) => startReplay(from, () => rollup.kind),
      maxUnproved: 4,
      weight: 1,
    },
    limits: { confirmations: 1, blocksPerSequence: 1, marginBlocks: 1, maxCommitAhead: 4 },
  }
  const archive: Archive = createFolderArchive(await scratchFolder())
  const deps: ProvingDeps = { db, archive, rollups: [rollup], rollupOf: () => rollup }
  const { sequences } = await fakeChain(posted).readRollup({ contract: rollup.contract, floor: 0, confirmations: 1 })
  const refs = sequences.map(
    ({ from, to, accInputHash }): SequenceRef => ({ rollup: rollup.name, from, to, accInputHash }),
  )
  return { deps, rollup, archive, refs }
}
