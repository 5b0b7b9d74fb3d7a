import { size } from 'viem/utils'
import type { Address } from '../../protocol/base/ranges.ts'
import { type IntentStep, isProof } from '../../protocol/sender/intent.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { createMemo } from '../endpoints/memo.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { GasAboveLimitError, GasUnknownError, WouldRevertError } from '../errors.ts'
import type { DryCall } from './dry-run.ts'
import { isUnderOsaka } from './fork-id.ts'
import { CALL_BYTES, executionOf, gasLimitFor, max, OSAKA_MOST_GAS, SELF_TRANSFER_GAS, withMargin } from './gas.ts'
import { createGasBook } from './gas-book.ts'
import { revertName } from './revert-reason.ts'
import { tryOut } from './try-out.ts'
import { type AskedPair, type PairLimits, tryPair } from './try-pair.ts'

/** A transaction that is about to be signed. */
export interface AskedCall {
  from: Address
  /** What it is for, and the contract that is called; null for an empty self-transfer. */
  purpose: { step: IntentStep; contract: Address } | null
  call: DryCall
  /** Own calls that run before it. */
  before: readonly DryCall[]
  /** It is tried in the block after this one. */
  at: BlockRef
  /** At least so much, because less was too little before. */
  leastGas?: bigint
}

export interface GasLimits {
  /** Gives the gas limit of a transaction. @throws WouldRevertError | GasAboveLimitError | GasUnknownError */
  limitFor(asked: AskedCall): Promise<bigint>
  tryPair(asked: AskedPair): Promise<PairLimits>
  /** Gives the gas that a transaction may have in the block after `at`. */
  mostGas(at: BlockRef): Promise<bigint>
  /** Gives the gas limit of a step at a contract, as far as it is known without its call. */
  expected(contract: Address, step: IntentStep, finalProofBytes?: number): bigint
}

/**
 * Those before it may land in the same block: a proof is sent all the same when its time is up, and before that it
 * isn't tried.
 */
const BENIGN = 'InitNumBatchAboveLastVerifiedBatch'

/**
 * Makes limits from trials, with a margin and a bound; what steps took is remembered, for where nodes can't tell.
 * @param most of a transaction.
 */
export function createGasLimits(endpoints: Endpoints, most: bigint): GasLimits {
  const book = createGasBook()
  const blockLimits = createMemo<bigint>(100)
  const pairs = createMemo<PairLimits>(500)

  async function mostGas(at: BlockRef): Promise<bigint> {
    // Headers of some chains (Celo) don't tell it, or tell 0.
    const ofBlock = await blockLimits(at.hash, () =>
      endpoints.agreeAt(
        at,
        'the block gas limit',
        async (client, pin) => (await client.getBlock(pin)).gasLimit || most,
      ),
    )
    return lower(ofBlock, await mostOfChain())
  }

  /**
   * Reads what the chain lets a transaction have. A proof with more would be refused by every node, with its hash long
   * out.
   */
  async function mostOfChain(): Promise<bigint> {
    if (most <= OSAKA_MOST_GAS) return most
    const isBounded = await orUnknown(endpoints.agree('the rules of its fork', isUnderOsaka))
    return isBounded === true ? OSAKA_MOST_GAS : most
  }

  /** Gives what is expected for a proof that is owed, because a window doesn't wait. */
  function lastResort({ contract, step }: NonNullable<AskedCall['purpose']>, bytes: number): bigint {
    if (!isProof({ step })) throw new GasUnknownError()
    return book.expected(contract, step, bytes - CALL_BYTES)
  }

  async function limitFor({ from, purpose, call, before, at, leastGas = 0n }: AskedCall): Promise<bigint> {
    const [{ now, fork }, bound] = await Promise.all([tryOut(endpoints, { from, at, before, call }), mostGas(at)])
    const bytes = size(call.data)
    const executionGas = now.kind === 'runs' ? executionOf(now.gas, call.data) : 0n
    if (purpose === null)
      return now.kind === 'runs' ? lower(gasLimitFor(bytes, withMargin(executionGas)), bound) : SELF_TRANSFER_GAS
    const isBenign = now.kind === 'reverts' && isProof(purpose) && revertName(now.why) === BENIGN
    if (now.kind === 'reverts' && !isBenign) throw new WouldRevertError(now.why)
    if (now.kind === 'runs' && now.gas > bound) throw new GasAboveLimitError({ neededGas: now.gas, mostGas: bound })
    if (now.kind === 'runs') book.note({ ...purpose, executionGas, fork })
    const limit = book.remembered(purpose.contract, purpose.step, bytes) ?? lastResort(purpose, bytes)
    return lower(max(limit, leastGas), bound)
  }

  return {
    limitFor,
    mostGas,
    expected: book.expected,
    tryPair: (asked) => {
      const { at, contract, miner, proofHash, proveBlock } = asked
      return pairs(`${at.hash} ${contract} ${miner} ${proofHash} ${proveBlock}`, () => tryPair(endpoints, book, asked))
    },
  }
}

const lower = (a: bigint, b: bigint): bigint => (a < b ? a : b)
