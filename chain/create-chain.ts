import type { Address, BatchRange, Hex } from '../protocol/base/ranges.ts'
import type { FinalStatement } from '../protocol/proof/public-input.ts'
import type { FirstState } from '../protocol/proof/rollup-kind.ts'
import type { FeeMarket } from '../protocol/sender/fees.ts'
import type { IntentStep } from '../protocol/sender/intent.ts'
import type { OnChain, ProofRefusal } from '../protocol/sequence/view.ts'
import { createBlockNumbers } from './contract/block-numbers.ts'
import { readCalldata } from './contract/find-sequencing.ts'
import { type BatchEnd, readBatchEnd } from './contract/read-batch-end.ts'
import { type Deployment, readDeployment, readGenesis } from './contract/read-deployment.ts'
import type { SequenceOnChain, SequenceQuestion } from './contract/read-sequence.ts'
import { type At, createRollupReader, type RollupOnChain, type RollupReader } from './contract/rollup-reader.ts'
import { createProofJudge } from './contract/verify-final-proof.ts'
import { type ChainTick, type WatchOptions, watchChain } from './contract/watch-chain.ts'
import { createBlockClock } from './endpoints/block-clock.ts'
import { type AgreedBlock, type BlockRef, createEndpoints } from './endpoints/endpoints.ts'
import { orUnknown, orUnknownAt } from './endpoints/pruned-state.ts'
import { inABatchOfItsOwn } from './endpoints/stragglers.ts'
import { ChainMovedError } from './errors.ts'
import { type BroadcastOutcome, createBroadcaster } from './transactions/broadcast.ts'
import { createDataFees } from './transactions/data-fees.ts'
import { readFeeMarket } from './transactions/fee-market.ts'
import { type AccountReceipts, readNonce, readReceipts } from './transactions/read-account.ts'
import { callBytes, DEFAULT_MOST_GAS } from './trials/gas.ts'
import { type AskedCall, createGasLimits } from './trials/gas-limits.ts'
import type { AskedPair, PairLimits } from './trials/try-pair.ts'

/** How long a block by its tag is waited for, ms: nothing that is owed may wait for it. */
const TAG_MS = 1_000

/** What a chain is reached by and how far it is trusted. */
export interface ChainOptions {
  chainId: number
  rpcUrls: readonly string[]
  /** Endpoints that must agree. @default a majority: 1 of 1, 2 of 2, 2 of 3 */
  agreement?: number | undefined
  finality: { tag: 'finalized' } | { confirmations: number }
  /** Cap of what a transaction offers, wei per gas. */
  maxFeePerGasWei: bigint
  /** Per request, answer included, ms. @default 10_000 */
  requestTimeoutMs?: number | undefined
  /** Blocks whose logs are asked for in one request. @default 2_000 */
  logRangeBlocks?: number | undefined
  /** Bound of a transaction's gas limit. @default 8_000_000 */
  maxGas?: bigint | undefined
  /** What a transaction may have for nodes' pools. @default 131_072, as geth, Nethermind and reth have it */
  maxTransactionBytes?: number | undefined
}

/**
 * The agreed head and the newest final block below it; null while too few endpoints tell what they call `finalized`,
 * and have told none.
 */
export interface AgreedBlocks {
  head: AgreedBlock
  final: AgreedBlock | null
}

/**
 * A base chain. Every method throws RpcUnavailableError or EndpointsDisagreeError (both retryable) when no answer can
 * be trusted.
 */
export interface Chain {
  readonly chainId: number
  /** Bytes that a transaction may have. */
  readonly maxTransactionBytes: number
  /** @throws WrongChainIdError when so many endpoints serve another chain that too few are left. */
  preflight(): Promise<void>
  /**
   * Lists endpoints that aren't believed at the moment, each with the reason: they fail, owe an answer, serve another
   * chain, or are far from the agreed head or on another fork.
   */
  troubles(): string[]
  agreedBlocks(): Promise<AgreedBlocks>
  /**
   * Estimates the time per block, ms; null while the chain has too few blocks.
   * @param head default: the newest one that was agreed on, as a block's time hardly changes; else the present one.
   */
  msPerBlock(head?: AgreedBlock): Promise<number | null>
  /** Reads the chain's part of a SequenceView. */
  readSequence(p: SequenceQuestion): Promise<SequenceOnChain>
  /** Reads one sequence, for one miner, in one block's state. */
  readOnChain(p: { contract: Address; range: BatchRange; miner: Address } & At): Promise<OnChain>
  /** Reads stake and balance after a block; undefined where the contract keeps stake by other rules (2023). */
  readStake: RollupReader['readStake']
  /**
   * Lists the sequences that end above batch `floor` in which the miner has a commitment, of whatever round, after
   * block `at`; lowest first.
   */
  readOwnHashes: RollupReader['readOwnHashes']
  /** Reads the last batch that is verified after block `at`. */
  readLastVerified: RollupReader['readLastVerified']
  /** Reads the rewards that are credited and not paid out, wei; undefined where they aren't pulled (2023). */
  readClaimable(p: { contract: Address; miner: Address } & At): Promise<bigint | undefined>
  /**
   * Reads what the contract has set aside for the sequence that ends with this batch, wei; undefined where it tells
   * none (2023).
   */
  readReward: RollupReader['readReward']
  /** Tells whether the contract is in its emergency pause. */
  isPaused: RollupReader['isPaused']
  /** Reads how far a rollup is, with the sequences that end above batch `floor`, lowest first. */
  readRollup(p: { contract: Address; floor: number; confirmations: number }): Promise<RollupOnChain>
  /** Finds the transaction that posted a sequence; undefined when none did, or none with these ends. */
  readSequencing(p: {
    contract: Address
    range: BatchRange
    deployedAtBlock?: number
  }): Promise<{ calldata: Hex; blockNumber: number; isForced: boolean } | undefined>
  readDeployment(p: { contract: Address }): Promise<Deployment>
  /** Reads what the contract has after a batch at the head; null where it isn't the last one of a verified sequence. */
  readBatchEnd(p: { contract: Address; batchNum: number }): Promise<BatchEnd | null>
  /** Tells which generation of two-step contracts it is. @throws NoContractError */
  readGeneration: RollupReader['readGeneration']
  /** @throws GenesisMissingError */
  readGenesis(p: { contract: Address; deployedAtBlock?: number }): Promise<FirstState>
  /**
   * Says why the contract would refuse the proof after block `at`, with the most gas of a transaction; null when it
   * would accept it. The nodes see the proof. @param p.at default: the head
   */
  findRefusal(p: {
    contract: Address
    final: FinalStatement
    proof: Uint8Array
    at?: BlockRef | undefined
  }): Promise<ProofRefusal | null>
  /** Reads what the sender needs to know of an account; `nonceAtFinal` is null while too few endpoints tell it. */
  readAccount(p: {
    account: Address
    txHashes: readonly Hex[]
  }): Promise<AgreedBlocks & { nonceAtHead: number; nonceAtFinal: number | null } & AccountReceipts>
  /** Tells whether the block is one of the chain's as it is now. */
  hasBlock(block: BlockRef): Promise<boolean>
  /**
   * @param p.wasRefused a transaction offered too little for the endpoints' pools: what they suggest themselves counts
   * too.
   */
  readFeeMarket(head: BlockRef, p?: { wasRefused: boolean }): Promise<FeeMarket>
  /** Tries a call and gives its gas limit. @throws WouldRevertError | GasAboveLimitError | GasUnknownError */
  gasLimit(asked: AskedCall): Promise<bigint>
  /**
   * Tries a hash and its proof, and says what gas limits they would get. Nodes see the proof if they are asked about
   * its verifier.
   */
  tryPair(asked: AskedPair): Promise<PairLimits>
  /** Gives the gas that a transaction may have in the block after `at`: the bound, or less where blocks have less. */
  mostGas(at: BlockRef): Promise<bigint>
  /**
   * Gives the gas limit of a step at a contract, to reckon with: from the last trials, or of the size that it usually
   * has.
   */
  expectedGas(step: IntentStep, contract: Address): bigint
  /**
   * Says what a transaction of a step may cost at the fee cap, and for its data, wei, without the value that it sends.
   */
  mostWei(step: IntentStep, contract: Address): bigint
  /**
   * Says what a transaction of so much gas, with so many bytes, may cost at the fee cap, and for its data where the
   * chain charges that apart; wei.
   */
  feesWei(transaction: { gas: bigint; bytes: number }): bigint
  /**
   * Says what gas limit × fee cap may be for the endpoints, wei; undefined while none has refused one. @param neededWei
   * with which it must land.
   */
  feeCapWei(neededWei: bigint): bigint | undefined
  /** Sends to all endpoints; never throws, and waits for none that hangs. */
  broadcast(raw: Hex): Promise<BroadcastOutcome>
  /** Yields new blocks, until the signal aborts. */
  watch(options: WatchOptions): AsyncGenerator<ChainTick, void, undefined>
}

/** Connects nothing yet. @throws InvalidChainConfigError */
export function createChain(options: ChainOptions): Chain {
  const { chainId, finality, maxFeePerGasWei } = options
  const rangeBlocks = options.logRangeBlocks ?? 2_000
  const endpoints = createEndpoints({ ...options, timeoutMs: options.requestTimeoutMs ?? 10_000 })
  const gasLimits = createGasLimits(endpoints, options.maxGas ?? DEFAULT_MOST_GAS)
  const dataFees = createDataFees(endpoints)
  const broadcaster = createBroadcaster(endpoints)
  const clock = createBlockClock(endpoints)
  const head = () => endpoints.agreedTip('latest')

  const feesWei: Chain['feesWei'] = (transaction) => transaction.gas * maxFeePerGasWei + dataFees.mostWei(transaction)
  const mostWei = (contract: Address, step: IntentStep, finalProofBytes?: number) =>
    feesWei({ gas: gasLimits.expected(contract, step, finalProofBytes), bytes: callBytes(step, finalProofBytes) })

  async function agreedBlocks(): Promise<AgreedBlocks> {
    const blocks = await readBlocks()
    newestHead = blocks.head
    await dataFees.refresh(blocks.head)
    return blocks
  }

  let newestHead: AgreedBlock | null = null
  let newestFinal: AgreedBlock | null = null

  async function readBlocks(): Promise<AgreedBlocks> {
    if ('tag' in finality) {
      // Nodes without such a block answer null or an error of their own: only what has to end waits for it.
      const [head, told] = await Promise.all([
        endpoints.agreedTip('latest'),
        orUnknown(
          inABatchOfItsOwn(() => endpoints.agreedTip('finalized')),
          TAG_MS,
        ),
      ])
      newestFinal = told ?? newestFinal
      return { head, final: newestFinal !== null && newestFinal.number > head.number ? head : newestFinal }
    }
    const head = await endpoints.agreedTip('latest')
    const final = await endpoints.blockNear(Math.max(0, head.number - finality.confirmations))
    if (final === undefined)
      throw new ChainMovedError(`No block has ${finality.confirmations} confirmations below block ${head.number}.`)
    return { head, final }
  }

  const findRefusal = createProofJudge(endpoints)
  const rollups = createRollupReader({
    endpoints,
    agreedBlocks,
    blockNumbers: createBlockNumbers(endpoints, rangeBlocks),
    reserveWei: (contract, finalProofBytes) =>
      mostWei(contract, 'commit') + mostWei(contract, 'prove', finalProofBytes),
  })

  return {
    chainId,
    maxTransactionBytes: options.maxTransactionBytes ?? 131_072,
    preflight: () => endpoints.assertChainId(),
    troubles: () => endpoints.troubles(),
    agreedBlocks,
    msPerBlock: async (block) => clock.msPerBlock(block ?? newestHead ?? (await head())),
    readSequence: rollups.readSequence,
    readOnChain: rollups.readOnChain,
    readStake: rollups.readStake,
    readOwnHashes: rollups.readOwnHashes,
    readLastVerified: rollups.readLastVerified,
    readClaimable: rollups.readClaimable,
    readReward: rollups.readReward,
    isPaused: rollups.isPaused,
    readRollup: rollups.readRollup,
    async readSequencing({ contract, range, deployedAtBlock = 0 }) {
      const found = await rollups.findSequencing({ contract, range, at: await head(), from: deployedAtBlock })
      if (found === undefined) return undefined
      const { transactionHash, blockNumber, isForced } = found
      return { calldata: await readCalldata(endpoints, transactionHash), blockNumber, isForced }
    },
    readGeneration: rollups.readGeneration,
    readDeployment: async ({ contract }) => readDeployment(endpoints, contract, await head()),
    readBatchEnd: async (p) => readBatchEnd(endpoints, { ...p, at: await head() }),
    readGenesis: async ({ contract, deployedAtBlock = 0 }) => {
      return readGenesis(endpoints, { contract, at: await head(), from: deployedAtBlock, rangeBlocks })
    },
    findRefusal: async (p) => {
      const at = p.at ?? (await head())
      return findRefusal({ ...p, at, gas: await gasLimits.mostGas(at) })
    },
    async readAccount({ account, txHashes }) {
      const blocks = await agreedBlocks()
      const [nonceAtHead, nonceAtFinal, receipts] = await Promise.all([
        readNonce(endpoints, account, blocks.head),
        orUnknownAt(blocks.final, (final) => readNonce(endpoints.past, account, final)),
        readReceipts(endpoints, txHashes, blocks.head),
      ])
      return { ...blocks, nonceAtHead, nonceAtFinal, ...receipts }
    },
    hasBlock: async ({ number, hash }) => (await endpoints.blockAt(number))?.hash === hash,
    readFeeMarket: async (block, p) => {
      const market = await readFeeMarket(endpoints, block, p)
      return broadcaster.refusesType2() ? { ...market, isLegacy: true } : market
    },
    gasLimit: gasLimits.limitFor,
    tryPair: gasLimits.tryPair,
    mostGas: gasLimits.mostGas,
    expectedGas: (step, contract) => gasLimits.expected(contract, step),
    mostWei: (step, contract) => mostWei(contract, step),
    feesWei,
    feeCapWei: broadcaster.feeCapWei,
    broadcast: broadcaster.broadcast,
    watch: (watch) => watchChain(endpoints, { ...watch, clock, rangeBlocks }),
  }
}
