import { parseEther } from 'viem'
import { foundry } from 'viem/chains'
import { hexToBytes, keccak256, toHex } from 'viem/utils'
import { onTestFinished } from 'vitest'
import type { RollupContext, SubmissionDeps } from '../../activities/context.ts'
import { UnknownRollupError } from '../../activities/errors.ts'
import { createOpenStake } from '../../activities/operator/open-stake.ts'
import { createSurveyRollup } from '../../activities/rollup/survey-rollup.ts'
import { createAdvanceSender } from '../../activities/sender/advance-sender.ts'
import { createHandIntent } from '../../activities/sender/hand-intent.ts'
import type { SenderDeps } from '../../activities/sender/sender-account.ts'
import { createLookAtSequence } from '../../activities/sequence/look-at-sequence.ts'
import { createChain } from '../../chain/create-chain.ts'
import { createMinerAccount } from '../../chain/transactions/account.ts'
import { createFolderArchive } from '../../db/archive/archive.ts'
import { listSequenceAttempts, listUnfinalAttempts } from '../../db/attempts/attempts.ts'
import { orderStake } from '../../db/attempts/stake-orders.ts'
import { storeBatch } from '../../db/proofs/batches.ts'
import { putBlob } from '../../db/proofs/blobs.ts'
import { recordProof } from '../../db/proofs/proofs.ts'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import type { Address, Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import { proofHash } from '../../protocol/proof/public-input.ts'
import { enqueue, type Intent } from '../../protocol/sender/intent.ts'
import type { SenderPass } from '../../protocol/sender/view.ts'
import type { SequenceLook } from '../../protocol/sequence/look.ts'
import type { CommitLimits } from '../../protocol/sequence/view.ts'
import { anvilKeys } from '../chain/anvil-keys.ts'
import { Harness, testParams } from '../contracts/harness.ts'
import { Harness2023 } from '../contracts/harness-2023.ts'
import { committing, proving, sequencing, staking } from '../contracts/miner-actions.ts'
import { proofOf, type TestSequence } from '../contracts/sequences.ts'
import { openTestDatabase } from '../db/fixtures.ts'
import { uniqueName } from '../support/names.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { fakeTemporal, KEYS } from './support.ts'

/** Which of anvil's accounts the miner has. */
const MINER_INDEX = 4

/** Blocks until a block is final. */
export const FINALITY = 2

/**
 * A miner of one process: the activities that workflows call, on the real contract and a real Postgres, in the
 * workflows' order, a block at a time. Its state is what Temporal would hold: the sender's queue.
 */
export interface MinerOnAnvil {
  harness: Harness
  miner: Address
  rival: Address
  rollup: RollupContext
  deps: SubmissionDeps & SenderDeps & { rollups: RollupContext[] }
  queue: Intent[]
  /** Makes what its provers make of a sequence. @default what the verifier accepts */
  makeProof(sequence: TestSequence): Hex
  /** What each open sequence said at the last look, by its last batch. */
  looks: Map<number, SequenceLook>
  /** Posts a sequence and proves it. */
  open(sequence: TestSequence): Promise<SequenceRef>
  /** Stores inputs and final proof of a sequence, as if it had been prepared and proved. */
  prove(sequence: TestSequence): Promise<SequenceRef>
  /** Surveys, looks at what is open and hands over what that wants. */
  look(): Promise<void>
  /** Runs one pass of the sender. */
  pass(): Promise<SenderPass>
  /** Looks, sends and mines a block, as many times. */
  live(blocks: number): Promise<void>
  /** Asks the sender what `zkpow stake` asks of it. */
  stake(toWei: bigint): ReturnType<ReturnType<typeof createOpenStake>>
  attempts(): ReturnType<typeof listUnfinalAttempts>
  /** Takes the rollup out of the configuration. */
  forget(): void
}

interface MinerOptions {
  harness?: Harness
  /** What the miner sees of the chain. @default anvil itself */
  rpcUrl?: string
  stakeWei?: bigint
  limits?: Partial<CommitLimits>
  /** Blocks on top of a final one, or the node's tag. @default FINALITY */
  finality?: number | { tag: 'finalized' }
  maxGas?: bigint
  /** @default a gwei, for chains without fees */
  maxFeePerGasWei?: bigint
  /** Another rollup of this miner, on the same chain: its sender sends for both. */
  beside?: MinerOnAnvil
}

export async function startMiner(p: MinerOptions = {}): Promise<MinerOnAnvil> {
  const harness = p.harness ?? (await p.beside?.harness.beside()) ?? (await Harness.start())
  if (p.harness === undefined && p.beside === undefined) onTestFinished(() => harness.anvil.stop())
  const account = createMinerAccount(anvilKeys[MINER_INDEX] ?? '')
  const [miner, rival] = [harness.account(MINER_INDEX), harness.account(MINER_INDEX + 1)]
  const { maxFeePerGasWei = 10n ** 9n } = p
  const rpcUrls = [p.rpcUrl ?? harness.anvil.url]
  const { maxGas, finality: asked = FINALITY } = p
  const finality = typeof asked === 'number' ? { confirmations: asked } : asked
  const chain = createChain({ chainId: foundry.id, rpcUrls, finality, maxFeePerGasWei, maxGas })
  const name = uniqueName('rollup')
  const rollup = {
    ...{
      name,
      chainId: foundry.id,
      chain,
      contract: harness.rollup,
      miner,
      startBatch: 1,
      deployedAtBlock: 0,
      maxUnproved: 4,
      weight: 1,
    },
    kind: {
      ...{ name: 'fake', namesMiner: true, verificationKeyHashes: KEYS },
      newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT,
    } as RollupContext['kind'],
    genesis: () => Promise.reject(new Error('Nothing is executed here.')),
    startReplay: () => Promise.reject(new Error('Nothing is executed here.')),
    ids: async () => ({ chainId: `${testParams.chainId}`, forkId: `${testParams.forkId}` }),
    limits: { confirmations: 0, blocksPerSequence: 1, marginBlocks: 0, maxCommitAhead: 4, ...p.limits },
  }
  const limits = { maxFeePerGasWei, patienceBlocks: 3 }
  const send = (intent: Intent) => {
    self.queue = enqueue(self.queue, intent)
  }
  const deps = p.beside?.deps ?? (await createDeps([{ chainId: foundry.id, chain, account, limits }], send))
  deps.rollups.push(rollup)
  const key = { chainId: foundry.id, account: miner }
  const self: MinerOnAnvil = {
    ...{ harness, miner, rival, rollup, deps, queue: [], looks: new Map() },
    makeProof: (sequence) => proofOf(sequence, miner, deps.rollups.indexOf(rollup)), // real rollups state their own ids
    async open(sequence) {
      await harness.send(sequencing(harness.sequencer, sequence))
      return self.prove(sequence)
    },
    prove: (sequence) => store(deps, rollup, sequence, hexToBytes(self.makeProof(sequence))),
    async look() {
      const { open } = await createSurveyRollup(deps)({ rollup: name })
      self.looks = new Map()
      for (const { rollup, from, to, accInputHash } of open) {
        const sequence = { rollup, from, to, accInputHash }
        const look = await createLookAtSequence(deps)({ sequence })
        if (look.step.kind === 'done') continue // its workflow ends
        self.looks.set(to, look)
        await createHandIntent(deps)({ sequence, step: look.step, finalProof: look.view.finalProof })
      }
    },
    async pass() {
      const pass = await createAdvanceSender(deps)({ ...key, queue: self.queue })
      self.queue = pass.queue
      return pass
    },
    async live(blocks) {
      for (let i = 0; i < blocks; i += 1) {
        await self.look()
        await self.pass()
        await harness.mine(1)
      }
    },
    async stake(toWei) {
      await orderStake(deps.db, { rollup: name, toWei: `${toWei}`, who: 'ann' })
      const opened = await createOpenStake(deps)({ ...key, rollup: name, toWei: `${toWei}` })
      if (opened.intent !== null) self.queue = enqueue(self.queue, opened.intent)
      return opened
    },
    attempts: () => listUnfinalAttempts(deps.db, key),
    forget: () => void deps.rollups.splice(deps.rollups.indexOf(rollup), 1),
  }
  if (p.stakeWei !== undefined) await harness.send(staking(miner, p.stakeWei))
  return self
}

/** Posts two sequences, of which a rival verifies the first. Ours is the second, with its proof stored. */
export async function openBehindRival(
  { harness, rival, open }: MinerOnAnvil,
  [first, second]: readonly [TestSequence, TestSequence],
  commitBlocks: number,
): Promise<SequenceRef> {
  await harness.send({ from: rival, functionName: 'deposit', args: [], value: 5_000n })
  await harness.send(sequencing(harness.sequencer, first))
  const ours = await open(second)
  await harness.send(committing(rival, first))
  await harness.mine(commitBlocks)
  await harness.send(proving(rival, first))
  return ours
}

/** Makes dependencies without rollups so far. @param send what a sender's workflow would be signalled. */
async function createDeps(
  senders: SenderDeps['senders'],
  send: (intent: Intent) => void,
): Promise<MinerOnAnvil['deps']> {
  const { db } = await openTestDatabase()
  const rollups: RollupContext[] = []
  const rollupOf = (asked: string) => {
    const rollup = rollups.find(({ name }) => name === asked)
    if (rollup === undefined) throw new UnknownRollupError(asked)
    return rollup
  }
  const workflow = {
    signalWithStart: async (
      _type: string,
      { signal, signalArgs: [message] }: { signal: { name: string }; signalArgs: [Intent] },
    ) => {
      if (signal.name === 'intent') send(message)
    },
  }
  const archive = createFolderArchive(await scratchFolder())
  return { db, rollupOf, rollups, archive, senders, temporal: fakeTemporal(workflow) }
}

/** Gives coins for ten rewards, without which there is nothing to claim. */
export async function fundRewards(harness: Harness): Promise<void> {
  await harness.send({ from: harness.owner, functionName: 'fundRewards', args: [], value: 10_000n })
}

/** Lists the steps of all attempts for a sequence that were mined and ran. */
export async function ranFor({ deps }: MinerOnAnvil, sequence: SequenceRef): Promise<string[]> {
  const attempts = await listSequenceAttempts(deps.db, sequence)
  return attempts.flatMap(({ inclusion, purpose }) =>
    inclusion?.status === 'success' && purpose ? [purpose.step] : [],
  )
}

/** Stores a final proof. Of several batches the statement is in the archive alone, as after a lost database. */
async function store(
  { db, archive }: SenderDeps,
  rollup: RollupContext,
  sequence: TestSequence,
  proof: Uint8Array,
): Promise<SequenceRef> {
  const { name, miner, kind } = rollup
  const named = miner.toLowerCase() as Address
  const { oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash } = sequence
  const ref = { rollup: name, from: sequence.init + 1, to: sequence.final, accInputHash: newAccInputHash }
  const roots = { oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash }
  const statement = { ...roots, oldBatchNum: sequence.init, newBatchNum: sequence.final, ...(await rollup.ids()) }
  if (sequence.batches.length === 1)
    await storeBatch(db, { rollup: name, executed: { statement, input: Uint8Array.of(sequence.final) } })
  const record = {
    ...{
      ...ref,
      taskId: keccak256(toHex(`${name} ${sequence.final}`)),
      stage: 'final' as const,
      verificationKeyHash: kind.verificationKeyHashes.final,
      miner: named,
    },
    ...{ ...(await putBlob(db, proof)), prover: 'p1', durationMs: 1, peakMemoryBytes: 1 },
  }
  await recordProof(db, record)
  await archive.put({ ...record, proofHash: proofHash(proof, miner), statement }, proof)
  return ref
}

/** Makes a market in which nobody pays a tip worth the name; anvil suggests one gwei, which is the miner's cap. */
export function tipNothing({ deps }: MinerOnAnvil): void {
  for (const sender of deps.senders) {
    const { chain } = sender
    sender.chain = {
      ...chain,
      readFeeMarket: async (head) => ({ ...(await chain.readFeeMarket(head)), priorityFeePerGas: 1n }),
    }
  }
}

/**
 * Starts a chain with our contract, or with one of 2023, that ends with the test. Tells what stake is worth its name
 * there, too.
 */
export async function startContract({ is2023 = false } = {}): Promise<{ harness: Harness; stakeWei: bigint }> {
  const harness = is2023 ? await Harness2023.start() : await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  return { harness, stakeWei: is2023 ? parseEther('100') : 5_000n }
}
