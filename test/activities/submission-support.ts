import { createOpenTask } from '../../activities/proof/open-task.ts'
import { createPrepareSequence } from '../../activities/proof/prepare-sequence.ts'
import type { OwedLateProof } from '../../chain/contract/read-sequence.ts'
import type { Chain } from '../../chain/create-chain.ts'
import type { MinedReceipt } from '../../chain/transactions/read-account.ts'
import type { Db } from '../../db/connection/connect.ts'
import { findBatches } from '../../db/proofs/batches.ts'
import { uploadProof } from '../../db/proofs/uploads.ts'
import type { Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import { proofHash } from '../../protocol/proof/public-input.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { OnChain } from '../../protocol/sequence/view.ts'
import { hash, MINER } from '../db/fixtures.ts'
import { accInputHash, activityEnvironment, setUp, validProof } from './support.ts'

const HEAD = { number: 100, hash: hash(100), parentHash: hash(99), timestampSec: 1 }
const FINAL = { ...HEAD, number: 90, hash: hash(90) }
const FUNDS = {
  stakeWei: '100',
  lockedWei: '0',
  minStakeWei: '50',
  penaltyWei: '10',
  balanceWei: '9',
  reserveWei: '9',
  claimableWei: '0',
}

/** A chain with head 100 and final block 90, on which one sequence 1-3 stands as `state` says. */
export interface FakeContract {
  state: OnChain
  nonceAtHead: number
  /** Null where the endpoints don't tell. */
  nonceAtFinal: number | null
  receipts: MinedReceipt[]
  broadcasts: Hex[]
  /** Is called before a broadcast is answered. */
  onBroadcast(raw: Hex): Promise<void>
  /** What the contract's verifier says. */
  accepts: boolean
  owedLate: OwedLateProof[]
}

function fakeContract(): FakeContract & { chain: Partial<Chain> } {
  const contract: FakeContract = {
    state: { accInputHash: accInputHash('a', 'b', 'c'), isVerified: false, round: null, own: null },
    ...{ nonceAtHead: 5, nonceAtFinal: 5, receipts: [], broadcasts: [], accepts: true, owedLate: [] },
    onBroadcast: async () => {},
  }
  const chain: Partial<Chain> = {
    agreedBlocks: async () => ({ head: HEAD, final: FINAL }),
    msPerBlock: async () => 2_000,
    readOnChain: async () => contract.state,
    isPaused: async () => false,
    readClaimable: async () => 0n,
    readLastVerified: async () => 0,
    readStake: async ({ contract }) => ({ deposit: contract, ...FUNDS }),
    readSequence: async () => ({
      ...{
        head: HEAD,
        final: FINAL,
        atHead: contract.state,
        atFinal: contract.state,
        sequencedAtBlock: 50,
        isContractPaused: false,
      },
      ...{ nextRound: { commitBlocks: 10, proveBlocks: 20 }, hasClaims: true, funds: FUNDS, predecessors: [] },
      owedLate: contract.owedLate,
    }),
    findRefusal: async () => (contract.accepts ? null : { kind: 'verifier' }),
    readAccount: async () => ({
      ...{ head: HEAD, final: FINAL, nonceAtHead: contract.nonceAtHead, nonceAtFinal: contract.nonceAtFinal },
      ...{ receipts: contract.receipts, untold: [] },
    }),
    readFeeMarket: async () => ({ baseFeePerGas: 10n, priorityFeePerGas: 1n }),
    readOwnHashes: async () => (contract.state.own === null ? [] : [{ from: 1, to: 3, atHead: contract.state }]),
    mostWei: () => 1n,
    feesWei: () => 1n,
    gasLimit: async () => 1_000_000n,
    tryPair: async () => ({ commitGas: 1n, proofGas: 1n, reverts: null }),
    mostGas: async () => 5_000_000n,
    feeCapWei: () => undefined,
    maxTransactionBytes: 131_072,
    async broadcast(raw) {
      await contract.onBroadcast(raw)
      contract.broadcasts.push(raw)
      return { kind: 'accepted' }
    },
  }
  return Object.assign(contract, { chain })
}

/** Prepares a sequence 1-3 on such a chain, and gives what makes its final proof. */
export async function openSequence(db: Db) {
  const contract = fakeContract()
  const scene = await setUp(db, { posted: [{ from: 1, to: 3, data: ['a', 'b', 'c'] }], chain: contract.chain })
  const [sequence] = scene.refs as [SequenceRef]
  const whole = { sequence, range: { from: 1, to: 3 } }
  await activityEnvironment().run(createPrepareSequence(scene.deps), { sequence })
  async function prove(): Promise<BlobRef & { proofHash: Hex }> {
    const request = { ...whole, stage: 'final', children: [] } as const
    const opened = await createOpenTask(scene.deps)({ ...request, children: [] })
    if (opened.status !== 'open') throw new Error(`The task is ${opened.status}.`)
    const last = (await findBatches(db, whole))?.at(-1)
    const proof = validProof('final', last?.statement.newStateRoot ?? '0x')
    const { sha256, size } = await uploadProof(db, {
      taskId: opened.task.id,
      proof,
      prover: 'p1',
      durationMs: 1,
      peakMemoryBytes: 1,
    })
    await createOpenTask(scene.deps)({ ...request, children: [] }) // it finds the upload
    return { sha256, size, proofHash: proofHash(proof, MINER) }
  }
  return { ...scene, contract, sequence, prove }
}
