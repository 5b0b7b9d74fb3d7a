import { bytesToHex, zeroAddress } from 'viem'
import type { Chain } from '../../chain/create-chain.ts'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { NoContractError } from '../../chain/errors.ts'
import { callOf } from '../../chain/transactions/account.ts'
import { listUnfinalAttempts } from '../../db/attempts/attempts.ts'
import type { Liability } from '../../protocol/base/budget.ts'
import { type Address, isSameAddress, isSameRange } from '../../protocol/base/ranges.ts'
import type { IntentStep, SequenceIntent } from '../../protocol/sender/intent.ts'
import { type OwnHash, reckonLiabilities, type SignedTransaction } from '../../protocol/sender/liabilities.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { lastSettledBatch } from '../rollup/settled-batches.ts'

/**
 * Reads what the rollup's account may yet have to pay after block `at`, for this rollup and all others that it serves
 * on the chain: the chain knows the hashes that stand, the stored attempts those that may yet land.
 * @param p.except id of the intent that asks.
 */
export const readLiabilities = async (
  deps: ProvingDeps,
  rollup: RollupContext,
  { at, except }: { at: BlockRef; except: string },
): Promise<Liability[]> => (await readLiabilitiesExcept(deps, rollup, at))(except)

/**
 * Does the same for several intents of the account: what is read is alike for all, what each of them leaves out isn't.
 */
export async function readLiabilitiesExcept(
  deps: ProvingDeps,
  { chain, chainId, miner }: RollupContext,
  at: BlockRef,
): Promise<(except: string) => Liability[]> {
  const attempts = await listUnfinalAttempts(deps.db, { chainId, account: miner })
  const served = deps.rollups.filter((one) => one.chainId === chainId && isSameAddress(one.miner, miner))
  const rollups = served.map((one) => ({ ...one, floor: () => lastSettledBatch(deps.db, one) }))
  const signed = attempts.map(({ nonce, purpose, raw, inclusion }) => {
    const { gas, valueWei } = callOf(bytesToHex(raw))
    return {
      nonce,
      intent: purpose,
      mostWei: chain.feesWei({ gas, bytes: raw.length }) + valueWei,
      isMined: inclusion !== null,
    }
  })
  return readLiabilitiesOf(chain, { miner, rollups, signed, at })
}

/** A rollup that an account serves. */
interface ServedRollup {
  name: string
  contract: Address
  /** Gives the batch at or below which no sequence ends whose hash is asked for. */
  floor(): Promise<number>
}

/**
 * Reads what an account may yet have to pay after block `at`, for all its rollups on a chain.
 * @param p.signed transactions of the account that aren't final; who has no store knows none.
 */
export async function readLiabilitiesOf(
  chain: Chain,
  p: { miner: Address; rollups: readonly ServedRollup[]; signed: readonly SignedTransaction[]; at: BlockRef },
): Promise<(except: string | null) => Liability[]> {
  const { miner, rollups, signed, at } = p
  const asked = rollups.map((rollup) => {
    const commits = commitsFor(rollup, signed)
    return readHashes(chain, rollup, { miner, at, signed: commits }).catch(noneWithoutContract)
  })
  const hashes = (await Promise.all(asked)).flat()
  const contracts = new Map(rollups.map(({ name, contract }) => [name, contract]))
  const mostWei = (step: IntentStep, name: string) => chain.mostWei(step, contracts.get(name) ?? zeroAddress)
  return (except) => reckonLiabilities({ head: at, hashes, signed, mostWei, except })
}

/** Lists the commits for a rollup that are signed and not final. */
function commitsFor({ name }: ServedRollup, signed: readonly SignedTransaction[]): SequenceIntent[] {
  const intents = signed.flatMap(({ intent }) => (intent === null || intent.step === 'stake' ? [] : [intent]))
  return intents.filter(({ rollup, step }) => rollup === name && step === 'commit')
}

async function readHashes(
  chain: Chain,
  { name, contract, floor }: ServedRollup,
  { miner, at, signed }: { miner: Address; at: BlockRef; signed: readonly SequenceIntent[] },
): Promise<OwnHash[]> {
  const standing = await chain.readOwnHashes({ contract, miner, at, floor: await floor() })
  const others = signed.filter((one, i) =>
    [...standing, ...signed.slice(0, i)].every((other) => !isSameRange(one, other)),
  )
  const expected = others.map(async ({ from, to }) => {
    return { from, to, atHead: await chain.readOnChain({ contract, range: { from, to }, miner, at }) }
  })
  const all = [...standing, ...(await Promise.all(expected))]
  return all.map((one) => ({ ...one, rollup: name, unfinalCommit: signed.some((commit) => isSameRange(one, commit)) }))
}

/**
 * Gives nothing for a rollup whose contract isn't (or is no longer) there, which must not hold up the others of its
 * account.
 */
function noneWithoutContract(error: unknown): [] {
  if (error instanceof NoContractError) return []
  throw error
}
