import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  bytesToHex,
  type CreatePendingTransactionFilterReturnType,
  concatHex,
  decodeFunctionData,
  type Hex,
  isAddressEqual,
  keccak256,
  numberToHex,
  sha256,
  type Transaction,
  zeroHash,
} from 'viem'
import { rollupAbi } from '../../../contracts/abi.ts'
import { type LocalRollup, localAccount } from '../../../dev/deployment/local-deployment.ts'
import { accountClients, stake } from '../../../dev/payments/deploy.ts'
import type { PostedSequence } from '../../../dev/payments/sequencer.ts'
import type { Need } from '../faults/fault.ts'
import { readState } from '../world/sequence-state.ts'
import type { World } from '../world/world.ts'
import { named } from './named.ts'

/** A rival of the sequence: who it is, and what it is about. */
interface Contest {
  world: World
  rollup: LocalRollup
  sequence: PostedSequence
  rival: ReturnType<typeof accountClients>
  signal: AbortSignal
}

const STAKE_WEI = 10n ** 20n
/** Order of the BN254 scalar field. */
const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n
/** Enough for everything; an estimate would refuse what is meant to revert. */
const GAS = { gas: 3_000_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n }

/** Pause between two looks at the pool, ms: a fraction of the time between two blocks. */
const EARS_MS = 40

/** Another miner. */
interface Rival<Name extends string = string> {
  readonly name: Name
  /** What it does, in a phrase. */
  readonly what: string
  /** Plans of lower seeds don't draw it, and stay what they were before it came. @default 0 */
  readonly drawnFrom?: number
  readonly needs?: readonly Need[]
  play(contest: Contest): Promise<void>
}

const defineRival = <Name extends string>(one: Rival<Name>): Rival<Name> => one

/** Plans draw rivals by their places, so a new one comes last, with a seed that no plan had before. */
export const RIVALS = [
  defineRival({
    name: 'rival-first',
    what: 'is first with hash and proof',
    play: async (contest) => {
      const proof = await honestProof(contest)
      await commit(contest, hashOf(proof, contest.rival.walletClient.account.address))
      await proveInTime(contest, proof)
    },
  }),
  defineRival({
    name: 'rival-late',
    what: 'commits after us, and proves when the sequence is verified already',
    play: async (contest) => {
      await untilWeCommitted(contest)
      const proof = await honestProof(contest)
      await commit(contest, hashOf(proof, contest.rival.walletClient.account.address))
      await untilVerified(contest)
      await prove(contest, proof)
    },
  }),
  defineRival({
    name: 'rival-never-proves',
    what: 'commits and never proves, so that its round expires',
    play: async (contest) => commit(contest, keccak256(randomBytes(32))),
  }),
  defineRival({
    name: 'rival-copies',
    what: 'sends our transactions as its own before ours are mined',
    // A contract of 2023 keeps its ledger by hashes alone, so that who sends ours after us takes our entry's place.
    // That is a flaw of the contract, costs a fine whatever a miner does, and has tests of its own.
    needs: ['contract-of-ours'],
    play: async (contest) => {
      await outrun(contest, 'submitProofHash')
      await outrun(contest, 'verifyBatches')
    },
  }),
  defineRival({
    name: 'rival-garbage',
    what: 'commits to garbage and sends it as its proof',
    play: async (contest) => {
      const garbage = bytesToHex(randomBytes(500))
      await commit(contest, hashOf(garbage, contest.rival.walletClient.account.address))
      await proveInTime(contest, garbage)
    },
  }),
] as const
export type RivalName = (typeof RIVALS)[number]['name']

export const RIVAL_NAMES: readonly RivalName[] = RIVALS.map(({ name }) => name)

/**
 * Stakes for account `index`, lets it compete for the sequence, and resolves when it has done what it does, or was
 * stopped.
 */
export async function compete(
  world: World,
  p: { name: RivalName; index: number; rollup: LocalRollup; sequence: PostedSequence; signal: AbortSignal },
) {
  const account = localAccount(p.index)
  const rival = accountClients(world.stack.rpcUrl, account, world.stack.node.chainId)
  try {
    await stake(rival, p.rollup, STAKE_WEI)
    await named<Rival>(RIVALS, p.name).play({ world, rival, ...p })
    world.timeline.note(
      `${p.name} has done its part for batches ${p.sequence.from}-${p.sequence.to} of ${p.rollup.name}`,
    )
  } catch (error) {
    if (!p.signal.aborted)
      world.timeline.note(`${p.name} gave up: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
  }
}

/** Makes a final proof in the form that the simulated verifier accepts, for the rival's own address. */
async function honestProof(contest: Contest): Promise<Hex> {
  const { rollup, sequence, rival } = contest
  const [oldStateRoot, newStateRoot] = [
    await rootAfter(contest, sequence.from - 1),
    await rootAfter(contest, sequence.to),
  ]
  const input = await rival.publicClient.readContract({
    ...{
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'getInputSnarkBytes',
      account: rival.walletClient.account,
    },
    args: [BigInt(sequence.from - 1), BigInt(sequence.to), zeroHash, oldStateRoot, newStateRoot],
  })
  return concatHex([numberToHex(BigInt(sha256(input)) % FIELD, { size: 32 }), bytesToHex(randomBytes(900))])
}

/** Reads the root from our own aggregator's database: a rival would execute the batches itself, to the same result. */
async function rootAfter({ world, rollup, signal }: Contest, batch: number): Promise<Hex> {
  if (batch === 0) {
    const { publicClient } = rollup.miner
    return publicClient.readContract({
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'batchNumToStateRoot',
      args: [0n],
    })
  }
  return until(signal, async () => {
    const [row] =
      await world.sql`select new_state_root from zkpow.batches where rollup = ${rollup.name} and batch_num = ${batch}`
    return row?.new_state_root as Hex | undefined
  })
}

async function commit({ rollup, sequence, rival }: Contest, hash: Hex): Promise<void> {
  await rival.walletClient.writeContract({
    ...{ address: rollup.rollup, abi: rollupAbi, functionName: 'submitProofHash', ...GAS },
    args: [BigInt(sequence.from - 1), BigInt(sequence.to), hash],
  })
}

/** Proves when it is the sequence's turn and the next block is in its window. */
async function proveInTime(contest: Contest, proof: Hex): Promise<void> {
  const { rollup, sequence, rival, world, signal } = contest
  await until(signal, async () => {
    const { proofsBegin } = await readState(contest)
    const verified = await rival.publicClient.readContract({
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'lastVerifiedBatch',
    })
    const isOpen = proofsBegin > 0 && (await world.control.head()) + 1 >= proofsBegin
    return (isOpen && Number(verified) >= sequence.from - 1) || undefined
  })
  await prove(contest, proof)
}

/** Waits for the other honest miner's proof: a late one is paid, too. */
async function untilVerified({ rollup, sequence, rival, signal }: Contest): Promise<void> {
  await until(signal, async () => {
    const verified = await rival.publicClient.readContract({
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'lastVerifiedBatch',
    })
    return Number(verified) >= sequence.to || undefined
  })
}

async function prove(contest: Contest, proof: Hex): Promise<void> {
  const { rollup, sequence, rival } = contest
  const newStateRoot = await rootAfter(contest, sequence.to)
  await rival.walletClient.writeContract({
    ...{ address: rollup.rollup, abi: rollupAbi, functionName: 'verifyBatches', ...GAS },
    args: [BigInt(sequence.from - 1), BigInt(sequence.to), zeroHash, newStateRoot, proof],
  })
}

const untilWeCommitted = (contest: Contest): Promise<true> =>
  until(contest.signal, async () => (await readState(contest)).isOurs || undefined)

/** Sends what our miner has sent and nobody has mined yet, word for word, with fees that put it before ours. */
async function outrun(contest: Contest, functionName: 'submitProofHash' | 'verifyBatches'): Promise<void> {
  const { rival, world, signal } = contest
  const { input: data, to } = await heard(contest, functionName)
  const hash = await rival.walletClient.sendTransaction({
    ...GAS,
    to,
    data,
    maxPriorityFeePerGas: 10n * GAS.maxPriorityFeePerGas,
  })
  const { blockNumber, transactionIndex, status } = await until(signal, () =>
    rival.publicClient.getTransactionReceipt({ hash }),
  )
  world.timeline.note(
    `rival-copies has copied our ${functionName}: block ${blockNumber}, place ${transactionIndex}, ${status}`,
  )
}

/**
 * Waits for the first transaction of our miner's about the sequence that comes to the node's pool, where everybody sees
 * it.
 */
async function heard({ rollup, sequence, rival, signal }: Contest, functionName: string): Promise<Transaction> {
  let filter: CreatePendingTransactionFilterReturnType | undefined
  const isMeant = ({ from, to, input }: Transaction) => {
    if (
      !isAddressEqual(from, rollup.miner.walletClient.account.address) ||
      to === null ||
      !isAddressEqual(to, rollup.rollup)
    )
      return false
    const call = decodeFunctionData({ abi: rollupAbi, data: input })
    return call.functionName === functionName && call.args[1] === BigInt(sequence.to)
  }
  return until(
    signal,
    async () => {
      filter ??= await rival.publicClient.createPendingTransactionFilter()
      const hashes = await rival.publicClient.getFilterChanges({ filter }).catch(() => {
        filter = undefined // a node that was started again doesn't know it any more
        return []
      })
      const sent = await Promise.all(
        hashes.map((hash) => rival.publicClient.getTransaction({ hash }).catch(() => undefined)),
      )
      return sent.find((one) => one !== undefined && isMeant(one))
    },
    EARS_MS,
  )
}

const hashOf = (proof: Hex, miner: Hex): Hex => keccak256(concatHex([keccak256(proof), miner]))

async function until<T>(signal: AbortSignal, look: () => Promise<T | undefined>, everyMs = 300): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    const found = await look().catch(() => undefined) // the database may be away
    if (found !== undefined) return found
    await delay(everyMs, undefined, { signal })
  }
}
